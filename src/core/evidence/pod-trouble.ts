import type { ContainerFacts, PodFacts } from "../cluster/cluster-reader.ts";

/** What is the matter with a pod or one of its containers. */
export interface PodTrouble {
  readonly kind: "waiting" | "crashed";
  /** Absent where it is the pod's. */
  readonly container?: string;
  /** What is the same for all pods with this trouble, for example `exits with 78 (Error)`. */
  readonly what: string;
  readonly detail?: string;
  /** How often the container was started again. */
  readonly restarts: number;
}

/** How a container ended that should have gone on. */
export interface Crash {
  readonly exitCode: number;
  readonly reason: string;
  readonly message?: string;
  readonly startedAt?: number;
  readonly restarts: number;
  /** Tells one end from the next. */
  readonly id: string;
}

/** Reasons to wait that are none to worry about; `Pending`: nothing has been reported of the container yet. */
const ordinaryReasons: ReadonlySet<string> = new Set(["", "Pending", "ContainerCreating", "PodInitializing"]);

export function troublesOf(pod: PodFacts): PodTrouble[] {
  const { unschedulable } = pod;
  return [
    ...(unschedulable === undefined
      ? []
      : [{ kind: "waiting", what: "no node takes it", detail: unschedulable, restarts: 0 } as const]),
    ...pod.containers.flatMap((container) => [...waitingOf(container), ...crashTroubleOf(container)]),
  ];
}

function waitingOf({ name, state }: ContainerFacts): PodTrouble[] {
  if (state.kind !== "waiting" || ordinaryReasons.has(state.reason)) return [];
  const trouble = { kind: "waiting", container: name, what: state.reason, restarts: 0 } as const;
  return [state.message === undefined ? trouble : { ...trouble, detail: state.message }];
}

function crashTroubleOf(container: ContainerFacts): PodTrouble[] {
  const crash = crashOf(container);
  if (!crash) return [];
  const { exitCode, reason, message, restarts } = crash;
  const what = `exits with ${exitCode}${reason === "" ? "" : ` (${reason})`}`;
  const trouble = { kind: "crashed", container: container.name, what, restarts } as const;
  return [message === undefined ? trouble : { ...trouble, detail: message }];
}

/** It waits to be started again after a crash. */
export function isCrashLooping(state: ContainerFacts["state"]): boolean {
  return state.kind === "waiting" && state.reason === "CrashLoopBackOff";
}

/** The last crash of a container; undefined where it never did. */
export function crashOf({ state, lastEnd, restarts }: ContainerFacts): Crash | undefined {
  const end = state.kind === "ended" ? state : lastEnd;
  if (!end) return undefined;
  // A container that ends well is done, unless it was to go on.
  if (end.exitCode === 0 && !isCrashLooping(state)) return undefined;
  const { exitCode, reason, message, startedAt } = end;
  const order = startedAt ?? (state.kind === "running" ? restarts - 1 : restarts);
  return {
    exitCode,
    reason,
    restarts,
    id: `${order} ${exitCode}`,
    ...(message === undefined ? {} : { message }),
    ...(startedAt === undefined ? {} : { startedAt }),
  };
}
