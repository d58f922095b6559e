import type { ContainerFacts, ServiceFacts } from "../cluster/cluster-reader.ts";
import { serviceOf, serviceVariableKind } from "../manifests/service-variable.ts";
import { mentionsIn, type VariableMention } from "../manifests/variable-mention.ts";

/** What matters of a ConfigMap. */
export interface ConfigMapFacts {
  readonly keys: readonly string[];
  /** What its values mention. */
  readonly mentions: readonly VariableMention[];
}

/** Of texts that may be long, only what matters is kept. */
export function configMapFacts(values: Readonly<Record<string, string>>): ConfigMapFacts {
  return { keys: Object.keys(values), mentions: mentionsIn(Object.values(values)) };
}

/** The variables of Services that a container reads, by their names. */
export type ReadVariables = ReadonlyMap<string, ReadVariable>;

interface ReadVariable {
  /** Where it is mentioned. */
  readonly where: string;
  /** It has no default there. */
  readonly isRequired: boolean;
}

/** A variable that a container reads and that it did not get, or may not have got, at its last start. */
export interface LackingVariable {
  readonly variable: string;
  /** The Service that it is made of. */
  readonly service: string;
  /** Where the variable is mentioned. */
  readonly where: string;
  /** It is mentioned without a default. */
  readonly isRequired: boolean;
  readonly why: "no-service" | "came-late" | "headless" | "no-links";
  /** The Service is there. */
  readonly hasService: boolean;
}

/**
 * Milliseconds that kubelet may take to learn of a Service: https://github.com/kubernetes/kubernetes/issues/127463
 *
 * Gates and preflight go by the registry's `settleSeconds`, which decides what is waited for and warned about. This one
 * decides nothing: of a container that has crashed, it only tells a Service that came too late from one that did not.
 */
const kubeletLag = 5_000;

/**
 * The variables that a container reads, each with where it is mentioned: in its own specification, or in one of its
 * ConfigMaps (php-fpm does not name the variable that was empty, so there is no other way to find it). What it sets
 * itself it does not read from a Service.
 */
export function variablesReadBy(
  container: Pick<ContainerFacts, "variables" | "defaultedVariables" | "ownVariables" | "envFromConfigMaps">,
  configMaps: ReadonlyMap<string, ConfigMapFacts>,
): ReadVariables {
  const specified = container.variables
    .filter(serviceVariableKind)
    .map((variable) => ({ variable, hasDefault: container.defaultedVariables.includes(variable) }));
  const all = [
    ...specified.map((one) => ({ ...one, place: "its specification" })),
    ...[...configMaps].flatMap(([map, { mentions }]) =>
      mentions.map((one) => ({ ...one, place: `ConfigMap ${map}` })),
    ),
  ];
  const own = ownVariablesOf(container, configMaps);
  const read = new Map<string, ReadVariable>();
  for (const { variable, hasDefault, place } of all) {
    const known = read.get(variable);
    // The first mention is told, unless a later one needs it more.
    if (own.has(variable) || known?.isRequired || (known && hasDefault)) continue;
    const where = hasDefault ? `${place}, with a default` : place;
    read.set(variable, { where, isRequired: !hasDefault });
  }
  return read;
}

/** Those that it sets itself, or takes from the keys of a ConfigMap. */
export function ownVariablesOf(
  { ownVariables, envFromConfigMaps }: Pick<ContainerFacts, "ownVariables" | "envFromConfigMaps">,
  configMaps: ReadonlyMap<string, ConfigMapFacts>,
): ReadonlySet<string> {
  const taken = envFromConfigMaps.flatMap(({ name, prefix }) =>
    (configMaps.get(name)?.keys ?? []).map((key) => `${prefix}${key}`),
  );
  return new Set([...ownVariables, ...taken]);
}

/** One for each Service whose variables a container mentions and did not get when it started. */
export function lackingVariables(
  read: ReadVariables,
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
  // HOST comes before PORT, and one of a Service is enough: the one that it cannot do without.
  const byName = [...read].toSorted(([one], [other]) => (one < other ? -1 : 1));
  const inOrder = byName.toSorted(([, one], [, other]) => Number(other.isRequired) - Number(one.isRequired));
  for (const [variable, mention] of inOrder) {
    const service = serviceOf(variable);
    const found = facts.get(service);
    const why = start.serviceLinks ? whyLacking(found, start.startedAt) : "no-links";
    if (why === undefined || lacking.has(service)) continue;
    lacking.set(service, { variable, service, ...mention, why, hasService: found !== undefined });
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
