import { plainLine } from "../common/plain-line.ts";
import { namespaceOf } from "../common/release.ts";
import type {
  Derived,
  DerivedEdge,
  DerivedEvidence,
  EdgeKind,
  UnmadeObject,
  UnprovidedVariable,
} from "./derived.ts";
import { objectKinds } from "./object-kind.ts";
import { serviceOf } from "./service-variable.ts";

/** For people: what each release needs, by namespace, with the place that shows it; then what no release provides. */
export function renderDerived({ edges, unprovided, notMade }: Omit<Derived, "faults">): string {
  const blocks = [...renderNeeds(edges), ...renderUnprovided(unprovided), ...renderUnmade(notMade)];
  return blocks.length === 0 ? "no release needs another one" : blocks.map(renderBlock).join("\n\n");
}

/** The names in it are those that manifests give: nothing in them steers the terminal, or makes a line of its own. */
function renderBlock(lines: readonly string[]): string {
  return lines.map((line) => plainLine(line, longestLine)).join("\n");
}

const longestLine = 4000;

function renderNeeds(edges: readonly DerivedEdge[]): string[][] {
  const namespaces = [...new Set(edges.map(({ from }) => namespaceOf(from)))];
  return namespaces.map((namespace) => {
    const own = edges.filter(({ from }) => namespaceOf(from) === namespace);
    return [namespace || "(no namespace)", ...own.map(renderEdge)];
  });
}

const kinds: Readonly<Record<EdgeKind, string>> = {
  variable: "variable",
  ...objectKinds,
  dns: "DNS name",
};

function renderEdge({ from, to, kind, soft, evidence }: DerivedEdge): string {
  const mentions = [...new Set(evidence.map(({ mention }) => mention))].join(", ");
  const verb = soft ? "uses" : "needs";
  return `  ${from} ${verb} ${to}: ${kinds[kind]} ${mentions}, ${renderEvidence(evidence)}`;
}

/** The first place, and how many more there are. */
function renderEvidence([first, ...others]: readonly DerivedEvidence[]): string {
  if (first === undefined) return "";
  const { kind, name, file, line } = first;
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  return `${kind} ${name} (${file}:${line})${more}`;
}

function renderUnprovided(unprovided: readonly UnprovidedVariable[]): string[][] {
  if (unprovided.length === 0) return [];
  const lines = unprovided.map(
    ({ release, variable, why, evidence }) =>
      `  ${release} reads ${variable}: ${whyUnprovided(release, variable, why)}, ${renderEvidence(evidence)}`,
  );
  return [["provided by no release:", ...lines]];
}

function renderUnmade(notMade: readonly UnmadeObject[]): string[][] {
  if (notMade.length === 0) return [];
  const lines = notMade.map(
    ({ release, kind, name, evidence }) =>
      `  ${release} needs ${objectKinds[kind]} ${name}, ${renderEvidence(evidence)}`,
  );
  return [["made by no release, so that something else has to:", ...lines]];
}

function whyUnprovided(release: string, variable: string, why: UnprovidedVariable["why"]): string {
  const service = `the Service ${serviceOf(variable)}`;
  switch (why) {
    case "no-service":
      return `no release of ${namespaceOf(release)} has ${service}`;
    case "no-address":
      return `${service} has no address of its own`;
    case "no-port":
      return `${service} has no such port`;
  }
}
