import type { DerivedEdge } from "../manifests/derived.ts";
import type { CheckFacts } from "./check-facts.ts";
import type { Found } from "./finding.ts";
import { findHardCycles } from "./hard-cycles.ts";

/** Releases that need one another in a circle: none of them can be the first. */
export function checkCycles({ environments }: CheckFacts): Found[] {
  return environments.flatMap(({ environment, rendered }) => {
    const edges = rendered?.derived.edges ?? [];
    return findHardCycles(edges).map((cycle): Found => {
      const needs = cycle.map((to, at) => {
        const from = cycle[(at + 1) % cycle.length] ?? to;
        return { from, to, edge: hardEdge(edges, from, to) };
      });
      const told = needs.map(
        ({ from, to, edge }) => `${from} needs ${to} (${edge?.evidence[0]?.mention ?? "?"})`,
      );
      return {
        ...{ code: "dependency-cycle", severity: "error", environment, subject: cycle.join(" → ") },
        message: `none of these can be deployed first: ${told.join("; ")}`,
        evidence: needs.flatMap(({ edge }) => edge?.evidence[0] ?? []),
        remedy:
          "move what both need to a release of its own, or let one of them find the other by its name in DNS",
      };
    });
  });
}

function hardEdge(edges: readonly DerivedEdge[], from: string, to: string): DerivedEdge | undefined {
  return edges.find((edge) => !edge.soft && edge.from === from && edge.to === to);
}
