import type { ClusterFailure } from "../cluster/cluster-failure.ts";
import type { ClusterReader, DaemonSetFacts, OpenCluster, Services } from "../cluster/cluster-reader.ts";
import { nameOf, namespaceOf, namespacesOfReleases } from "../common/release.ts";
import type { HookAnswer, Outcomes } from "../hooks/hooks.ts";
import { deployingKubeconfigs } from "../plan/cluster-kubeconfigs.ts";
import type { Gate, Plan, ProvidedService } from "../plan/plan.ts";
import { judgeGate } from "./gate-verdict.ts";

/** How long until the next look, in seconds, where something is missing. */
const pace = 2;

/** What stands in the way of a gate: in words, and when to look again. */
interface Obstacle {
  readonly text: string;
  /** In seconds; absent where waiting does not help. */
  readonly again?: number;
}

/** What a look knows about the time. */
interface Waiting {
  readonly settleSeconds: number;
  readonly waitedSeconds: number;
}

/** Rights that were given a moment ago may take a while to count; else they do not come by waiting. */
const patienceWithRefusals = 10;

function isWorthWaiting(kind: ClusterFailure["kind"], { waitedSeconds }: Waiting): boolean {
  switch (kind) {
    case "no-kubeconfig":
    case "invalid-kubeconfig":
    case "cancelled":
      return false;
    case "unauthorized":
    case "forbidden":
    case "untrusted":
      return waitedSeconds < patienceWithRefusals;
    default:
      return true;
  }
}

interface Namespace {
  readonly name: string;
  /** Names of the gate's releases in it. */
  readonly releases: ReadonlySet<string>;
  readonly provided: readonly ProvidedService[];
  readonly kubeconfigs: readonly string[];
}

/**
 * Whether a gate is open by what is really there. Its steps must have succeeded, the Services that their releases
 * provide must have had a cluster IP for the settle time, and their DaemonSets must have a ready pod on each node that
 * they want: helm's exit code says neither (helm#11101, helm#8660, kubernetes#127463).
 */
export async function lookAtGate(
  gate: Gate,
  context: {
    readonly plan: Plan;
    readonly outcomes: Outcomes;
    readonly openCluster: OpenCluster;
    readonly waitedSeconds: number;
    readonly settleSeconds: number;
    /** After so long it is not waited for any more. */
    readonly gateSeconds: number;
  },
): Promise<Omit<HookAnswer<"stage:after">, "version">> {
  const { plan, outcomes, openCluster, waitedSeconds, gateSeconds } = context;
  const byOutcome = judgeGate(gate.steps, outcomes);
  if (!byOutcome.open) return byOutcome;
  const namespaces = namespacesOf(gate, plan);
  const found = await Promise.all(
    namespaces.map((namespace) => obstaclesIn(namespace, openCluster(namespace.kubeconfigs), context)),
  );
  const obstacles = found.flat();
  if (obstacles.length === 0) return { open: true, reason: describeOpen(byOutcome.reason, namespaces) };
  const reason = listed(obstacles.map(({ text }) => text));
  const left = gateSeconds - waitedSeconds;
  if (left <= 0) return { open: false, reason: `not within ${gateSeconds} s: ${reason}` };
  if (obstacles.some(({ again }) => again === undefined)) return { open: false, reason };
  const again = Math.max(...obstacles.map((obstacle) => obstacle.again ?? 0));
  return { open: false, reason, againInSeconds: Math.min(again, left) };
}

function namespacesOf(gate: Gate, plan: Plan): Namespace[] {
  const steps = plan.steps.filter(({ id }) => gate.steps.includes(id));
  const releases = steps.flatMap((step) => step.releases);
  // Where helmfile gives no namespace, nothing here knows which one it is.
  return namespacesOfReleases(releases).map((name) => {
    const own = releases.filter((id) => namespaceOf(id) === name);
    return {
      name,
      releases: new Set(own.map(nameOf)),
      provided: (plan.provides ?? []).filter(({ release }) => own.includes(release)),
      kubeconfigs: deployingKubeconfigs(plan, name),
    };
  });
}

async function obstaclesIn(
  { name, releases, provided }: Namespace,
  reader: ClusterReader,
  waiting: Waiting,
): Promise<Obstacle[]> {
  const [services, daemonSets] = await Promise.all([
    provided.length > 0 ? reader.services(name) : undefined,
    reader.daemonSets(name),
  ]);
  const unread = [services, daemonSets].flatMap((reading) =>
    reading && !reading.ok ? [reading.failure] : [],
  );
  return [
    ...(services?.ok ? provided.flatMap((one) => serviceObstacle(one, services.value, waiting)) : []),
    ...(daemonSets.ok
      ? daemonSets.value
          .filter(({ release }) => release !== undefined && releases.has(release))
          .flatMap((daemonSet) => daemonSetObstacle(name, daemonSet))
      : []),
    ...unread.map(({ kind, message }) => ({
      text: message,
      ...(isWorthWaiting(kind, waiting) ? { again: pace } : {}),
    })),
  ];
}

function serviceObstacle(
  { namespace, service: name, release }: ProvidedService,
  { now, services }: Services,
  { settleSeconds, waitedSeconds }: Waiting,
): Obstacle[] {
  const what = `the Service ${namespace}/${name} of ${release}`;
  const service = services.find((one) => one.name === name);
  if (!service) return [{ text: `${what} is not there`, again: pace }];
  if (service.clusterIp === undefined) return [{ text: `${what} has no cluster IP yet`, again: pace }];
  if (service.clusterIp === "None") {
    return [{ text: `${what} is headless: containers get no variable of it`, again: pace }];
  }
  const age = (now - service.createdAt) / 1000;
  if (isSettled(age, { settleSeconds, waitedSeconds })) return [];
  const text = isOldEnough(age, settleSeconds)
    ? `${what} has been seen for less than ${settleSeconds} s, and the cluster's clock may be ahead`
    : `${what} is new: kubelets may not know of it for ${settleSeconds} s`;
  return [{ text, again: Math.min(settleSeconds, pace) }];
}

/** So old a Service, in seconds, that no clock is so wrong. */
const longThere = 600;
/** How long a clock of the cluster that is behind may hold a gate up, in seconds. */
const mostSkew = 60;

/**
 * Whether kubelets know of a Service. Its age goes by clocks of the cluster that show whole seconds and may differ (one
 * API server made it, another one tells the time), so what is young must have been waited for here as well.
 */
function isSettled(
  age: number,
  { settleSeconds, waitedSeconds }: { readonly settleSeconds: number; readonly waitedSeconds: number },
): boolean {
  if (settleSeconds === 0 || age > longThere) return true;
  const counts = isOldEnough(age, settleSeconds) || waitedSeconds >= settleSeconds + mostSkew;
  return counts && waitedSeconds >= settleSeconds;
}

/** By the clocks of the cluster. */
function isOldEnough(age: number, settleSeconds: number): boolean {
  return age >= settleSeconds + 1;
}

function daemonSetObstacle(
  namespace: string,
  { name, generation, observedGeneration, desired, ready, updated = desired, nodeSelector }: DaemonSetFacts,
): Obstacle[] {
  const what = `the DaemonSet ${namespace}/${name}`;
  const obstacle = (text: string) => [{ text: `${what} ${text}`, again: pace }];
  if (observedGeneration < generation)
    return obstacle("is not yet seen by its controller in its newest form");
  if (desired === 0) {
    const labels = nodeSelector.length > 0 ? ` with ${nodeSelector.join(", ")}` : "";
    return obstacle(`wants no pod: the cluster has no node${labels} that it matches`);
  }
  if (updated < desired) return obstacle(`has ${updated} of ${desired} pods in its newest form`);
  return ready === desired ? [] : obstacle(`has ${ready} of ${desired} pods ready`);
}

function describeOpen(byOutcome: string, namespaces: readonly Namespace[]): string {
  const services = namespaces.reduce((sum, { provided }) => sum + provided.length, 0);
  if (services === 0) return byOutcome;
  return `${byOutcome}, ${services} ${services === 1 ? "Service is" : "Services are"} there`;
}

function listed(all: readonly string[]): string {
  const texts = [...new Set(all)];
  const shown = texts.slice(0, 5).join("; ");
  return texts.length > 5 ? `${shown}; and ${texts.length - 5} more` : shown;
}
