import type { CheckFacts, EnvironmentFacts } from "./check-facts.ts";
import { comesBeforeIn } from "./comes-before.ts";
import type { DerivedEdge } from "./derived.ts";
import type { Found } from "./finding.ts";
import { findHardCycles } from "./hard-cycles.ts";
import type { Registry } from "./registry.ts";
import { namespaceOf } from "./release.ts";

/** Dependencies that nothing orders: neither a class, nor a sequence, nor `needs` puts the provider first. */
export function checkOrder({ environments, registry }: CheckFacts): Found[] {
  return environments.flatMap((facts) => uncovered(facts, registry));
}

function uncovered(facts: EnvironmentFacts, registry: Registry): Found[] {
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
      return { ...describe(edge), environment, ...whatToDo(edge, registry, isMediawiki) };
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
  const lines = isMediawiki
    ? `    support: [${provider}]   # MediaWiki needs it first`
    : `    sequence: [${provider}, ${reader}]`;
  const where = entry ? `to the entry of ${namespace} in` : "to";
  return {
    remedy: [
      `add this ${where} ${registry.file === "" ? "the registry" : registry.file}:`,
      "namespaces:",
      `  ${namespace}:`,
      lines,
    ].join("\n"),
    ...(entry ? { place: entry.place } : {}),
  };
}

function nameOf(id: string): string {
  return id.slice(id.indexOf("/") + 1);
}
