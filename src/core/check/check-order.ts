import { nameOf, namespaceOf } from "../common/release.ts";
import type { DerivedEdge } from "../manifests/derived.ts";
import { comesBeforeIn } from "../plan/comes-before.ts";
import { type Registry, registryName } from "../registry/registry.ts";
import { linesToWrite } from "../registry/registry-advice.ts";
import type { CheckFacts, EnvironmentFacts } from "./check-facts.ts";
import type { Found } from "./finding.ts";
import { findHardCycles } from "./hard-cycles.ts";
import type { RegistryChange } from "./registry-change.ts";
import { supportChanges } from "./registry-support-changes.ts";

/** Dependencies that nothing orders: neither a class, nor a sequence, nor `needs` puts the provider first. */
export function checkOrder(facts: CheckFacts): Found[] {
  return facts.environments.flatMap((one) =>
    uncovered(one, facts.registry).map(({ edge, ...found }) => ({
      ...found,
      changes: changesFor(edge, one, facts),
    })),
  );
}

function uncovered(facts: EnvironmentFacts, registry: Registry): (Found & { readonly edge: DerivedEdge })[] {
  const { environment, tree, plan, rendered, byId } = facts;
  if (!plan || !rendered) return [];
  const comesBefore = comesBeforeIn(plan, tree);
  const { edges } = rendered.derived;
  // No order can cover these: they have a finding of their own.
  const circular = findHardCycles(edges).map((cycle) => new Set(cycle));
  return edges
    .filter(({ soft, from, to }) => !soft && comesBefore(to, from) === false)
    .filter(({ from, to }) => !circular.some((cycle) => cycle.has(from) && cycle.has(to)))
    .map((edge) => {
      const isMediawiki = byId.get(edge.from)?.class === "mediawiki";
      return { edge, ...describe(edge), environment, ...whatToDo(edge, registry, isMediawiki) };
    });
}

function describe({ from, to, kind, evidence }: DerivedEdge): Found {
  const mentions = [...new Set(evidence.map(({ mention }) => mention))].join(", ");
  const isVariable = kind === "variable";
  const how = isVariable
    ? "and a container that starts before it has no such variable until it is restarted"
    : "and its pods wait for that";
  return {
    code: isVariable ? "uncovered-variable" : "uncovered-object",
    severity: isVariable ? "error" : "warning",
    subject: from,
    message: `${from} needs ${mentions} of ${to}; nothing puts ${to} first, ${how}`,
    evidence,
  };
}

function whatToDo(
  { from, to }: DerivedEdge,
  registry: Registry,
  isMediawiki: boolean,
): Pick<Found, "remedy" | "place"> {
  const namespace = namespaceOf(to);
  const [reader, provider] = [nameOf(from), nameOf(to)];
  if (namespace === "" || namespaceOf(from) !== namespace)
    return { remedy: `deploy ${to} before ${from}: the registry has orders within a namespace only` };
  const entry = registry.namespaces.get(namespace);
  const line = { class: "support", release: provider, comment: "MediaWiki needs it first" } as const;
  return {
    remedy: isMediawiki
      ? linesToWrite(namespace, [line], registry)
      : sequenceToWrite({ namespace, provider, reader }, registry),
    ...(entry ? { place: entry.place } : {}),
  };
}

/** A key must not stand twice, and where the two belong in a sequence that is there is for people to say. */
function sequenceToWrite(
  { namespace, provider, reader }: Readonly<Record<"namespace" | "provider" | "reader", string>>,
  registry: Registry,
): string {
  const entry = registry.namespaces.get(namespace);
  if (entry?.sequence)
    return `in the sequence of ${namespace} in ${registryName(registry)}, let ${provider} stand before ${reader}`;
  return [
    `add this ${entry ? `to the entry of ${namespace} in` : "to"} ${registryName(registry)}:`,
    "namespaces:",
    `  ${namespace}:`,
    `    sequence: [${provider}, ${reader}]`,
  ].join("\n");
}

/** What MediaWiki or one of its support releases needs is support, too; anything else has an order of its own. */
function changesFor(
  { from, to }: DerivedEdge,
  { byId, classification }: EnvironmentFacts,
  facts: CheckFacts,
): RegistryChange[] {
  const { environments } = facts;
  const namespace = namespaceOf(to);
  if (namespace === "" || namespaceOf(from) !== namespace) return [];
  const [reader, provider] = [nameOf(from), nameOf(to)];
  const readerClass = byId.get(from)?.class;
  const isNeededFirst =
    readerClass === "mediawiki" ||
    (readerClass === "support" && classification.mediawikiNamespaces.has(namespace));
  if (!isNeededFirst || byId.get(to)?.class === readerClass)
    return [
      {
        ...{ kind: "order", namespace, first: provider, second: reader },
        readers: neighbours(environments, (edge) => edge.to === to && edge.from),
        providers: neighbours(environments, (edge) => edge.from === from && edge.to),
      },
    ];
  const before = readerClass === "support" ? { before: reader } : {};
  return supportChanges(to, facts).map((change) => ({ ...change, ...before }));
}

/** The names of releases at the other end of dependencies, in any environment. */
function neighbours(
  environments: CheckFacts["environments"],
  otherEnd: (edge: DerivedEdge) => string | false,
): string[] {
  const edges = environments.flatMap(({ rendered }) => rendered?.derived.edges ?? []);
  const ids = edges.filter(({ soft }) => !soft).flatMap((edge) => otherEnd(edge) || []);
  return [...new Set(ids.map(nameOf))].toSorted();
}
