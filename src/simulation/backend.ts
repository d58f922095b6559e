import type { ClusterReader } from "../core/cluster/cluster-reader.ts";
import type { ReleaseId } from "../core/common/release.ts";
import type { Backend, ProgramResult, RunContext } from "../core/rollout/backend.ts";
import { type ClusterOptions, createWorld, type SimulatedCluster } from "./cluster.ts";
import { simulatedClusterReader } from "./cluster-reader.ts";
import { type HelmfileCall, runHelmfile } from "./helmfile.ts";
import { mediawikiReleasesOf, runScap } from "./scap.ts";

/** What is simulated, and how it goes wrong. */
export interface SimulatedBackendOptions extends ClusterOptions {
  /**
   * What scap deploys when a stage's command is run.
   *
   * @default the releases of the chart `mediawiki` that belong to the environment
   */
  readonly mediawikiReleases?: readonly ReleaseId[];
}

/** The cluster to look at, and the backend that changes it. */
export interface SimulatedBackend extends SimulatedCluster, Backend {
  /** Looks at it as one looks at a real one, at all of its namespaces. */
  readonly reader: ClusterReader;
  /** Of a step, only what helmfile has to know is needed. */
  run(step: HelmfileCall, context: RunContext): Promise<ProgramResult>;
}

/**
 * Stands in for helmfile, helm, Kubernetes and scap.
 *
 * @example
 * const backend = simulatedBackend({ tree, clock: virtualClock(), seed: 7 });
 * const { durationMs } = await execute(plan, { backend, jobs: 8 });
 * const crashed = backend.crashes();
 */
export function simulatedBackend(options: SimulatedBackendOptions): SimulatedBackend {
  const world = createWorld(options);
  const mediawiki = options.mediawikiReleases ?? mediawikiReleasesOf(options.tree);
  return {
    ...world.cluster,
    reader: simulatedClusterReader(world),
    now: () => world.clock.now(),
    sleep: (ms, signal) => world.clock.sleep(ms, signal),
    run: (step, context) => runHelmfile(step, context, world),
    runCommand: (command, context) => runScap(command, context, world, mediawiki),
  };
}
