import { chartName, type Release } from "../core/common/release.ts";
import type { Range } from "./draw.ts";

/** `Job` stands for command-line work, CronJobs included: helm does not wait for it. */
export type WorkloadKind = "Deployment" | "DaemonSet" | "Job";

/** What a release does when it is deployed. */
export interface ReleaseModel {
  readonly kind: WorkloadKind;
  readonly pods: number;
  /** From helm's start until its objects are handed to the API: the chart is read and rendered. */
  readonly helmMs: Range;
  /** From then until a container starts: scheduling, and the pull of an image that is mostly there. */
  readonly startDelayMs: Range;
  /** From a start until the container is ready. */
  readonly readyMs: Range;
  /**
   * From the objects' hand-over, when the Service exists in the API, until kubelets know of it: they learn of it
   * through a cache that lags.
   */
  readonly serviceDelayMs: Range;
  /** Names of the Services that it makes; `{name}` and `{namespace}` are those of the release. */
  readonly provides: readonly string[];
  /** The service variables that its containers read at their start. */
  readonly variables: readonly string[];
  /** Whether a container that misses one of them lives: php-fpm dies, a command-line script runs on. */
  readonly livesWithout: boolean;
  /** How long helm waits for it, and whether it then removes what failed: unless the release itself says. */
  readonly timeoutMs: number;
  readonly atomic: boolean;
}

/** All knowledge about what releases do, as data. What is more special adds to what is more general. */
export interface ClusterModel {
  readonly default: ReleaseModel;
  /** By the chart's last path segment. */
  readonly charts: Readonly<Record<string, Partial<ReleaseModel>>>;
  /** In order, the last one wins; all keys that an override has must hold. */
  readonly overrides: readonly ModelOverride[];
}

export interface ModelOverride {
  readonly chart?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly model: Partial<ReleaseModel>;
}

/** What this release does. `atomic` and `timeout` of the release itself come first. */
export function modelOf(model: ClusterModel, release: Release): ReleaseModel {
  const chart = chartName(release.chart);
  let found: ReleaseModel = { ...model.default, ...model.charts[chart] };
  for (const override of model.overrides) {
    if (matches(override, release, chart)) found = { ...found, ...override.model };
  }
  const { atomic, timeout } = release;
  return {
    ...found,
    ...(atomic === undefined ? {} : { atomic }),
    ...(timeout === undefined ? {} : { timeoutMs: timeout * 1000 }),
  };
}

function matches(override: ModelOverride, release: Release, chart: string): boolean {
  return (
    (override.chart ?? chart) === chart &&
    (override.namespace ?? release.namespace) === release.namespace &&
    (override.name ?? release.name) === release.name
  );
}

/** The names of the Services that the release makes. */
export function servicesProvided(model: ReleaseModel, release: Release): readonly string[] {
  return model.provides.map((name) =>
    name.replaceAll("{name}", release.name).replaceAll("{namespace}", release.namespace),
  );
}
