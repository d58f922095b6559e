import type { Release, ReleaseId, Service, Tree } from "../core/common/release.ts";
import type { RunContext } from "../core/rollout/backend.ts";
import { type SimulatedBackend, simulatedBackend } from "./backend.ts";
import type { ClusterModel } from "./chart-model.ts";
import { type Clock, virtualClock } from "./clock.ts";
import type { Deployed, SimulatedCluster } from "./cluster.ts";
import type { CrashRecord } from "./crash-log.ts";
import type { ReleaseStatus } from "./helm.ts";
import type { HelmfileCall } from "./helmfile.ts";
import { type CrashTotals, crashTotals, type Silent, silentReleases } from "./report.ts";
import { mediawikiReleasesOf, scapStages } from "./scap.ts";

export interface ScenarioOptions {
  readonly tree: Tree;
  /** @default wikimediaModel */
  readonly model?: ClusterModel;
  /** @default "0" */
  readonly seed?: string | number;
  /** @default the releases of the chart `mediawiki` that belong to the environment */
  readonly mediawikiReleases?: readonly ReleaseId[];
  /** What charlie leaves out, by the name of the service. @default none */
  readonly exclude?: readonly string[];
}

/** The same empty cluster twice, without the plugin. */
export interface ScenarioWithout {
  readonly environment: string;
  readonly scap: ScapAct;
  readonly charlie: CharlieAct;
}

/** scap on an empty cluster: it deploys MediaWiki's releases by name and knows no others. */
export interface ScapAct {
  readonly command: readonly string[];
  /** The stage that failed, which is scap's last; absent where scap came to its end. */
  readonly failedStage?: string;
  readonly durationMs: number;
  readonly failed: readonly FailedRelease[];
  readonly deployed: readonly ReleaseId[];
  /** What came after the stage that failed, deployed by name as well: what scap would see if it went on. */
  readonly afterwards: {
    readonly durationMs: number;
    readonly failed: readonly FailedRelease[];
    readonly deployed: readonly ReleaseId[];
  };
  readonly crashes: CrashTotals;
  readonly runningWithout: readonly Silent[];
}

export interface FailedRelease {
  readonly release: ReleaseId;
  /** `absent` where helm removed it. */
  readonly status: ReleaseStatus;
  /** What its pods crashed for; absent where it failed for another reason. */
  readonly crashes?: CrashRecord;
  /** The release that would provide the Service; absent where its namespace has none. */
  readonly provider?: ReleaseId;
}

/** charlie on an empty cluster: service after service, all releases of a service side by side. */
export interface CharlieAct {
  readonly services: number;
  readonly deployed: readonly ReleaseId[];
  readonly failed: readonly FailedRelease[];
  readonly durationMs: number;
  readonly crashes: CrashTotals;
  readonly runningWithout: readonly Silent[];
}

interface Stage {
  readonly clock: Clock;
  readonly cluster: SimulatedBackend;
  readonly context: RunContext;
}

/** Long enough for every container that was created to have started. */
const settleMs = 60_000;

/** Plays both acts in virtual time. The same options give the same result. */
export async function scenarioWithout(options: ScenarioOptions): Promise<ScenarioWithout> {
  return {
    environment: options.tree.environment,
    scap: await playScap(options, emptyStage(options)),
    charlie: await playCharlie(options, emptyStage(options)),
  };
}

function emptyStage({ tree, model, seed, mediawikiReleases }: ScenarioOptions): Stage {
  const clock = virtualClock();
  const cluster = simulatedBackend({
    tree,
    clock,
    ...(model === undefined ? {} : { model }),
    ...(seed === undefined ? {} : { seed }),
    ...(mediawikiReleases === undefined ? {} : { mediawikiReleases }),
  });
  return { clock, cluster, context: { signal: new AbortController().signal, output: () => {} } };
}

async function playScap(options: ScenarioOptions, { clock, cluster, context }: Stage): Promise<ScapAct> {
  const releases = options.mediawikiReleases ?? mediawikiReleasesOf(options.tree);
  const command = ["scap", "sync-world", "--k8s-only", `-Dk8s_clusters:${options.tree.environment}`];
  const result = await cluster.runCommand(command, context);
  const durationMs = clock.now();
  const deployed = releases.filter((id) => cluster.status(id) === "deployed");
  const failedStage = result.ok
    ? undefined
    : scapStages(releases).find(({ releases: those }) =>
        those.some((id) => cluster.status(id) !== "deployed"),
      );
  const failed = failuresOf(cluster, failedStage?.releases ?? []);
  const tried = new Set([...deployed, ...(failedStage?.releases ?? [])]);
  const rest = await cluster.deploy(releases.filter((id) => !tried.has(id)));
  const afterwards = {
    durationMs: clock.now() - durationMs,
    failed: failuresOf(cluster, rest.map(releaseOf)),
    deployed: rest.filter(({ outcome }) => outcome.kind === "deployed").map(releaseOf),
  };
  await clock.sleep(settleMs);
  return {
    command,
    ...(failedStage === undefined ? {} : { failedStage: failedStage.name }),
    durationMs,
    failed,
    deployed,
    afterwards,
    crashes: crashTotals(cluster.crashes()),
    runningWithout: silentReleases(cluster),
  };
}

async function playCharlie(
  options: ScenarioOptions,
  { clock, cluster, context }: Stage,
): Promise<CharlieAct> {
  const services = options.tree.services.filter(
    ({ name, releases }) => !options.exclude?.includes(name) && releases.some(isInstalled),
  );
  // What fails is passed over, as charlie's operator would with `next`.
  for (const service of services) await cluster.run(wholeService(service), context);
  const durationMs = clock.now();
  await clock.sleep(settleMs);
  const releases = services.flatMap((service) => service.releases.filter(isInstalled).map(({ id }) => id));
  return {
    services: services.length,
    deployed: releases.filter((id) => cluster.status(id) === "deployed"),
    failed: failuresOf(cluster, releases),
    durationMs,
    crashes: crashTotals(cluster.crashes()),
    runningWithout: silentReleases(cluster),
  };
}

function releaseOf({ release }: Deployed): ReleaseId {
  return release;
}

/** `helmfile --file F --environment E apply` without a selector: all releases of the service at once. */
function wholeService({ name, helmfile, releases }: Service): HelmfileCall {
  return {
    service: name,
    helmfile,
    releases: releases.filter(isInstalled).map(({ id }) => id),
    action: "apply",
  };
}

function isInstalled({ installed }: Release): boolean {
  return installed;
}

function failuresOf(cluster: SimulatedCluster, releases: readonly ReleaseId[]): readonly FailedRelease[] {
  const records = new Map(cluster.crashes().map((record) => [record.release, record]));
  return releases
    .filter((release) => cluster.status(release) !== "deployed")
    .map((release) => {
      const crashes = records.get(release);
      const status = cluster.status(release);
      if (crashes === undefined) return { release, status };
      const provider = cluster.providerOf(release.slice(0, release.indexOf("/")), crashes.service);
      return { release, status, crashes, ...(provider === undefined ? {} : { provider }) };
    });
}
