import { assembleGraph, findCycles, orderNodes } from "../common/graph.ts";
import type { DerivedEdge } from "../manifests/derived.ts";

/** Releases that need one another in a circle, so that no order can be right; each in the order of deploying. */
export function findHardCycles(edges: readonly DerivedEdge[]): string[][] {
  const hard = edges.filter(({ soft }) => !soft);
  const ids = [...new Set(hard.flatMap(({ from, to }) => [from, to]))].toSorted();
  const numbers = new Map(ids.map((id, at) => [id, at]));
  const graph = assembleGraph(
    ids.length,
    hard
      .map(({ from, to }) => ({ first: numbers.get(to) ?? 0, second: numbers.get(from) ?? 0 }))
      .toSorted((one, other) => one.first - other.first || one.second - other.second),
  );
  return findCycles(
    graph,
    orderNodes(graph, (left, right) => left - right),
  ).map((cycle) => fromTheFirst(cycle.map((node) => ids[node] ?? "")));
}

function fromTheFirst(cycle: readonly string[]): string[] {
  const at = cycle.indexOf(cycle.toSorted()[0] ?? "");
  return [...cycle.slice(at), ...cycle.slice(0, at)];
}
