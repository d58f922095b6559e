import TinyQueue from "tinyqueue";

/** One node comes `first`, and `second` the one that waits for it. Nodes are numbered from 0. */
export interface Edge {
  readonly first: number;
  readonly second: number;
}

/** Predecessors and successors of each node; each neighbour once. */
export interface Graph {
  readonly predecessors: readonly (readonly number[])[];
  readonly successors: readonly (readonly number[])[];
}

export function assembleGraph(size: number, edges: Iterable<Edge>): Graph {
  const before: Set<number>[] = Array.from({ length: size }, () => new Set());
  const after: number[][] = Array.from({ length: size }, () => []);
  for (const { first, second } of edges) {
    const known = before[second];
    if (!known || known.has(first)) continue;
    known.add(first);
    after[first]?.push(second);
  }
  return { predecessors: before.map((nodes) => [...nodes]), successors: after };
}

/**
 * Nodes in an order in which each stands behind all that it waits for; among those that may stand next, the one
 * with the smallest rank. Where there is a cycle, the nodes on it and behind it are missing.
 */
export function orderNodes(graph: Graph, rank: (left: number, right: number) => number): number[] {
  const waiting = graph.predecessors.map((nodes) => nodes.length);
  const ready = new TinyQueue<number>([], rank);
  waiting.forEach((count, node) => {
    if (count === 0) ready.push(node);
  });
  const order: number[] = [];
  for (let node = ready.pop(); node !== undefined; node = ready.pop()) {
    order.push(node);
    for (const next of graph.successors[node] ?? []) {
      const left = (waiting[next] ?? 0) - 1;
      waiting[next] = left;
      if (left === 0) ready.push(next);
    }
  }
  return order;
}

/** For each node, how many nodes the longest path behind it has. The order must be one of `orderNodes`. */
export function longestPaths(graph: Graph, order: readonly number[]): number[] {
  const length = new Array<number>(graph.predecessors.length).fill(0);
  for (const node of order.toReversed()) {
    let longest = 0;
    for (const next of graph.successors[node] ?? []) longest = Math.max(longest, (length[next] ?? 0) + 1);
    length[node] = longest;
  }
  return length;
}

/** Cycles of the graph, one through each knot of nodes that wait for each other, each in the order of waiting. */
export function findCycles(graph: Graph, order: readonly number[]): number[][] {
  const ordered = new Set(order);
  const walked = new Set<number>();
  const cycles: number[][] = [];
  for (const start of graph.predecessors.keys()) {
    if (ordered.has(start)) continue;
    const path: number[] = [];
    const at = new Map<number, number>();
    // Every node that could not be ordered waits for another such node: walking back ends in a cycle, or where that one
    // was found already.
    let node: number | undefined = start;
    while (node !== undefined && !walked.has(node)) {
      walked.add(node);
      at.set(node, path.length);
      path.push(node);
      node = graph.predecessors[node]?.find((previous) => !ordered.has(previous));
    }
    const begin = node === undefined ? undefined : at.get(node);
    if (begin !== undefined) cycles.push(path.slice(begin).reverse());
  }
  return cycles;
}

/** These, and all that can be reached from them. */
export function reach<Node>(from: Iterable<Node>, next: (node: Node) => Iterable<Node>): ReadonlySet<Node> {
  const found = new Set(from);
  // The set grows while it is gone through.
  for (const node of found) for (const other of next(node)) found.add(other);
  return found;
}
