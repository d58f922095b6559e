import type { ReleaseId } from "../core/common/release.ts";
import { counted } from "../core/common/words.ts";
import type { SimulatedCluster } from "./cluster.ts";
import type { CrashRecord } from "./crash-log.ts";
import type { ReleaseStatus } from "./helm.ts";
import type { RunningWithout } from "./running-without.ts";

/** What there is to say about a simulated cluster at the end. */
export interface ClusterSummary {
  readonly environment: string;
  readonly deployed: readonly ReleaseId[];
  readonly failed: readonly ReleaseId[];
  readonly pending: readonly ReleaseId[];
  readonly crashes: CrashTotals;
  readonly runningWithout: readonly Silent[];
}

export interface CrashTotals {
  readonly records: readonly CrashRecord[];
  /** Pods that crashed at least once, also such that are gone. */
  readonly pods: number;
  /** How often they crashed in all. */
  readonly crashes: number;
}

/** What runs on without its variable, and who would provide it. */
export interface Silent extends RunningWithout {
  /** Absent where no release of the namespace provides the Service. */
  readonly provider?: ReleaseId;
  /** Whether the Service is there by now: then a restart would mend it. */
  readonly serviceExists: boolean;
}

export function summarizeCluster(cluster: SimulatedCluster): ClusterSummary {
  const statuses = [...cluster.statuses()];
  const having = (wanted: ReleaseStatus): readonly ReleaseId[] =>
    statuses.filter(([, status]) => status === wanted).map(([id]) => id);
  return {
    environment: cluster.tree.environment,
    deployed: having("deployed"),
    failed: having("failed"),
    pending: having("pending-install"),
    crashes: crashTotals(cluster.crashes()),
    runningWithout: silentReleases(cluster),
  };
}

export function crashTotals(records: readonly CrashRecord[]): CrashTotals {
  return {
    records,
    pods: new Set(records.flatMap(({ release, pods }) => pods.map(({ name }) => `${release} ${name}`))).size,
    crashes: records.reduce((sum, { crashes }) => sum + crashes, 0),
  };
}

export function silentReleases(cluster: SimulatedCluster): readonly Silent[] {
  return cluster.runningWithout().map((found) => {
    const provider = cluster.providerOf(found.namespace, found.service);
    const serviceExists = cluster.services(found.namespace).some(({ name }) => name === found.service);
    return { ...found, ...(provider === undefined ? {} : { provider }), serviceExists };
  });
}

/** The summary in lines for people. */
export function renderClusterSummary(summary: ClusterSummary): readonly string[] {
  const { deployed, failed, pending, crashes } = summary;
  return [
    `releases deployed in ${summary.environment}: ${deployed.length}`,
    ...(failed.length === 0 ? [] : [`failed: ${failed.join(", ")}`]),
    ...(pending.length === 0 ? [] : [`left in the middle of an installation: ${pending.join(", ")}`]),
    `pods crashed: ${crashes.pods === 0 ? "none" : `${crashes.pods} (${counted(crashes.crashes, "crash")})`}`,
    ...crashes.records.map((record) => `  ${renderCrashes(record)}`),
    ...renderSilent(summary.runningWithout),
  ];
}

/** One line that says which pods crashed for want of what. */
function renderCrashes({ release, pods, crashes, variable, service }: CrashRecord): string {
  const [first] = pods;
  const others = pods.length > 1 ? ` and ${pods.length - 1} more` : "";
  const times = crashes === 1 ? "once" : `${crashes} times`;
  return `${release}: ${first?.name ?? "no pod"}${others} crashed ${times}: no ${variable} (Service ${service})`;
}

/** One line for each release that runs on without its variable. */
export function renderSilent(silent: readonly Silent[]): readonly string[] {
  return silent.map((one) => `runs on without ${one.variable}: ${one.release} (${reasonOf(one)})`);
}

function reasonOf({ service, pods, provider, serviceExists }: Silent): string {
  if (provider === undefined) return `no release of its namespace provides the Service ${service}`;
  if (!serviceExists) return `the Service ${service} is not there: ${provider} would provide it`;
  return `${counted(pods.length, "container")} started before ${provider} provided the Service ${service}`;
}
