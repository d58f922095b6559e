import type { ContainerFacts, ServiceFacts } from "./cluster-reader.ts";
import { serviceOf } from "./service-variable.ts";

/** Where each variable of a Service is mentioned, by its name. */
export type Mentions = ReadonlyMap<string, string>;

/** A variable that a container reads and that it did not get, or may not have got, at its last start. */
export interface LackingVariable {
  readonly variable: string;
  /** The Service that it is made of. */
  readonly service: string;
  /** Where the variable is mentioned. */
  readonly where: string;
  readonly why: "no-service" | "came-late" | "headless" | "no-links";
  /** The Service is there. */
  readonly hasService: boolean;
}

/** Milliseconds that kubelet may take to learn of a Service: https://github.com/kubernetes/kubernetes/issues/127463 */
const kubeletLag = 5_000;

/** The variables of Services that a text mentions, comments left out. The API server's own are always there. */
export function variablesIn(text: string): string[] {
  const lines = text.split("\n").filter((line) => !/^\s*(?:#|;|\/\/)/.test(line));
  const found = lines.flatMap((line) => [...line.matchAll(serviceVariable)].map(([name]) => name));
  return [...new Set(found)].filter(isForeign);
}

const serviceVariable = /\b[A-Z][A-Z0-9_]*_SERVICE_(?:HOST|PORT)\b/g;

function isForeign(variable: string): boolean {
  return !variable.startsWith("KUBERNETES_SERVICE_");
}

/**
 * The variables that a container reads, each with where it is mentioned: in its own specification, or in one of its
 * ConfigMaps (php-fpm does not name the variable that was empty, so there is no other way to find it). What it sets
 * itself it does not read from a Service.
 */
export function mentionsOf(
  container: Pick<ContainerFacts, "variables" | "ownVariables">,
  configMaps: ReadonlyMap<string, readonly string[]>,
): Mentions {
  const all = [
    ...container.variables.filter(isForeign).map((name) => [name, "its specification"] as const),
    ...[...configMaps].flatMap(([map, names]) => names.map((name) => [name, `ConfigMap ${map}`] as const)),
  ];
  const own = new Set(container.ownVariables);
  // The first mention is told: reversed, it is the one that stays.
  return new Map(all.filter(([name]) => !own.has(name)).reverse());
}

/** One for each Service whose variables a container mentions and did not get when it started. */
export function lackingVariables(
  mentions: Mentions,
  start: {
    readonly services: readonly ServiceFacts[];
    /** Whether the pod asks for variables of Services. */
    readonly serviceLinks: boolean;
    /** When the container had started; undefined where nobody says. */
    readonly startedAt: number | undefined;
  },
): LackingVariable[] {
  const facts = new Map(start.services.map((service) => [service.name, service]));
  const lacking = new Map<string, LackingVariable>();
  // HOST comes before PORT, and one of a Service is enough.
  for (const [variable, where] of [...mentions].sort(([one], [other]) => (one < other ? -1 : 1))) {
    const service = serviceOf(variable);
    const found = facts.get(service);
    const why = start.serviceLinks ? whyLacking(found, start.startedAt) : "no-links";
    if (why === undefined || lacking.has(service)) continue;
    lacking.set(service, { variable, service, where, why, hasService: found !== undefined });
  }
  return [...lacking.values()];
}

function whyLacking(
  service: ServiceFacts | undefined,
  startedAt: number | undefined,
): LackingVariable["why"] | undefined {
  if (!service) return "no-service";
  if (service.clusterIp === "None") return "headless";
  if (service.clusterIp === undefined) return "came-late";
  return startedAt !== undefined && service.createdAt + kubeletLag > startedAt ? "came-late" : undefined;
}
