import type { Container, Pod } from "./pod.ts";

/** Where a container of the stand-in kubelet is. Times are as Kubernetes writes them. */
type ContainerState =
  | { readonly kind: "creating" }
  | { readonly kind: "running"; readonly startedAt: string }
  | { readonly kind: "back-off"; readonly message: string };

export interface ContainerReport {
  readonly container: Container;
  readonly restarts: number;
  readonly state: ContainerState;
  /** How it ended the last time. */
  readonly lastEnd:
    | { readonly exitCode: number; readonly startedAt: string; readonly finishedAt: string }
    | undefined;
}

export interface PodReport {
  readonly pod: Pod;
  readonly ip: string;
  readonly startTime: string;
  /** When it got ready, or stopped being so. */
  readonly transitionTime: string;
  readonly ready: boolean;
  readonly containers: readonly ContainerReport[];
}

/** The `status` of a pod, as kubelet would write it. */
export function podStatus(report: PodReport): object {
  const creating = report.containers.some((container) => container.state.kind === "creating");
  const condition = (type: string, holds: boolean) => ({
    type,
    status: holds ? "True" : "False",
    lastTransitionTime: report.transitionTime,
    ...(holds ? {} : { reason: "ContainersNotReady" }),
  });
  return {
    phase: creating ? "Pending" : "Running",
    hostIP: "127.0.0.1",
    podIP: report.ip,
    podIPs: [{ ip: report.ip }],
    startTime: report.startTime,
    conditions: [
      condition("PodScheduled", true),
      condition("Initialized", true),
      condition("ContainersReady", report.ready),
      condition("Ready", report.ready),
    ],
    containerStatuses: report.containers.map((container) => containerStatus(report, container)),
  };
}

function containerStatus(report: PodReport, container: ContainerReport): object {
  const { restarts, state, lastEnd } = container;
  const { name, image } = container.container;
  return {
    name,
    image,
    imageID: image,
    containerID: `e2e://${report.pod.metadata.uid}-${name}`,
    restartCount: restarts,
    started: state.kind === "running",
    ready: state.kind === "running" && report.ready,
    state: stateStatus(state),
    lastState:
      lastEnd === undefined ? {} : { terminated: { ...lastEnd, reason: endReason(lastEnd.exitCode) } },
  };
}

function stateStatus(state: ContainerState): object {
  switch (state.kind) {
    case "creating":
      return { waiting: { reason: "ContainerCreating" } };
    case "running":
      return { running: { startedAt: state.startedAt } };
    case "back-off":
      return { waiting: { reason: "CrashLoopBackOff", message: state.message } };
  }
}

function endReason(exitCode: number): string {
  return exitCode === 0 ? "Completed" : "Error";
}
