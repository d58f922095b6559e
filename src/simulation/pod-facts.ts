import type { ContainerFacts, Ended, PodFacts } from "../core/cluster/cluster-reader.ts";
import { nameOf } from "../core/common/release.ts";
import { backOffMs, type Container } from "./container.ts";

/** A container's pod as the Kubernetes API tells of it. Each pod has one container. */
export function podFacts(container: Container): PodFacts {
  const { release, namespace, pod, owner, createdAt, state } = container;
  return {
    namespace,
    name: pod,
    release: nameOf(release),
    owner,
    createdAt,
    deleted: state === "removed",
    containers: [containerFacts(container)],
    serviceLinks: true,
  };
}

function containerFacts(container: Container): ContainerFacts {
  const { name, variables, restarts } = container;
  const lastEnd = lastEndOf(container);
  return {
    name,
    init: false,
    state: stateOf(container),
    ...(lastEnd === undefined ? {} : { lastEnd }),
    restarts,
    variables,
    defaultedVariables: [],
    ownVariables: [],
    configMaps: [],
    envFromConfigMaps: [],
    hasSecretEnvironment: false,
  };
}

function stateOf(container: Container): ContainerFacts["state"] {
  const { name, pod, state, startedAt, crashes } = container;
  if (startedAt === undefined) return { kind: "waiting", reason: "ContainerCreating" };
  switch (state) {
    case "back-off": {
      const seconds = backOffMs(crashes) / 1000;
      const message = `back-off ${seconds}s restarting failed container=${name} pod=${pod}`;
      return { kind: "waiting", reason: "CrashLoopBackOff", message };
    }
    case "removed": {
      const lastEnd = lastEndOf(container);
      return lastEnd?.startedAt === startedAt ? lastEnd : ended(0, startedAt);
    }
    default:
      return { kind: "running", startedAt };
  }
}

function lastEndOf({ lastEnd }: Container): Ended | undefined {
  return lastEnd === undefined ? undefined : ended(lastEnd.exitCode, lastEnd.startedAt);
}

function ended(exitCode: number, startedAt: number): Ended {
  return { kind: "ended", exitCode, reason: exitCode === 0 ? "Completed" : "Error", startedAt };
}
