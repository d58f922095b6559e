import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  assembleGraph,
  type Edge,
  findCycles,
  longestPaths,
  orderNodes,
} from "../../src/core/common/graph.ts";

const byNumber = (left: number, right: number) => left - right;

/** Edges that lead from smaller to larger numbers cannot make a cycle. */
const acyclic = fc.integer({ min: 2, max: 30 }).chain((size) =>
  fc.record({
    size: fc.constant(size),
    edges: fc.array(
      fc
        .tuple(fc.nat(size - 1), fc.nat(size - 1))
        .filter(([from, to]) => from !== to)
        .map(([one, other]): Edge => ({ first: Math.min(one, other), second: Math.max(one, other) })),
    ),
  }),
);

describe("orderNodes", () => {
  it("puts every node behind all that it waits for", () => {
    fc.assert(
      fc.property(acyclic, ({ size, edges }) => {
        const order = orderNodes(assembleGraph(size, edges), (left, right) => right - left);
        expect([...order].sort(byNumber)).toEqual([...Array(size).keys()]);
        for (const { first, second } of edges)
          expect(order.indexOf(first)).toBeLessThan(order.indexOf(second));
      }),
    );
  });

  it("takes the smallest rank among those that may stand next", () => {
    expect(orderNodes(assembleGraph(4, [{ first: 3, second: 0 }]), byNumber)).toEqual([1, 2, 3, 0]);
  });

  it("leaves out what is on a cycle or behind one", () => {
    const graph = assembleGraph(4, [
      { first: 0, second: 1 },
      { first: 1, second: 0 },
      { first: 1, second: 2 },
    ]);
    expect(orderNodes(graph, byNumber)).toEqual([3]);
  });
});

describe("findCycles", () => {
  it("names the nodes of a cycle in the order of waiting, and not what is behind it", () => {
    const graph = assembleGraph(4, [
      { first: 0, second: 1 },
      { first: 1, second: 2 },
      { first: 2, second: 0 },
      { first: 2, second: 3 },
    ]);
    const [cycle, ...others] = findCycles(graph, orderNodes(graph, byNumber));
    expect(others).toEqual([]);
    expect([...(cycle ?? [])].sort(byNumber)).toEqual([0, 1, 2]);
  });

  it("finds each of two cycles", () => {
    const graph = assembleGraph(4, [
      { first: 0, second: 1 },
      { first: 1, second: 0 },
      { first: 2, second: 3 },
      { first: 3, second: 2 },
    ]);
    expect(findCycles(graph, orderNodes(graph, byNumber))).toHaveLength(2);
  });

  it("finds a cycle once, whatever waits for it", () => {
    const graph = assembleGraph(6, [
      { first: 2, second: 3 },
      { first: 3, second: 2 },
      { first: 3, second: 0 },
      { first: 2, second: 1 },
      { first: 1, second: 4 },
      { first: 0, second: 4 },
      { first: 4, second: 5 },
    ]);
    const cycles = findCycles(graph, orderNodes(graph, byNumber));
    expect(cycles.map((cycle) => cycle.toSorted(byNumber))).toEqual([[2, 3]]);
  });

  it("gives cycles whose every link is an edge, whatever the graph", () => {
    const edges = fc.array(fc.record({ first: fc.nat(9), second: fc.nat(9) }));
    fc.assert(
      fc.property(edges, (links) => {
        const graph = assembleGraph(10, links);
        const order = orderNodes(graph, byNumber);
        const cycles = findCycles(graph, order);
        expect(cycles.length > 0).toBe(order.length < 10);
        for (const cycle of cycles) {
          cycle.forEach((node, at) => {
            expect(graph.predecessors[cycle[(at + 1) % cycle.length] ?? -1]).toContain(node);
          });
        }
      }),
    );
  });
});

it("longestPaths counts the nodes on the longest way behind each", () => {
  const graph = assembleGraph(4, [
    { first: 0, second: 1 },
    { first: 1, second: 2 },
    { first: 0, second: 3 },
  ]);
  expect(longestPaths(graph, orderNodes(graph, byNumber))).toEqual([2, 1, 0, 0]);
});

it("a long way behind a cycle is walked once, and the cycle is found once", () => {
  const size = 100_000;
  const edges = Array.from({ length: size - 1 }, (_, at): Edge => ({ first: at, second: at + 1 }));
  const graph = assembleGraph(size, [...edges, { first: 1, second: 0 }]);
  expect(findCycles(graph, orderNodes(graph, byNumber))).toEqual([[1, 0]]);
});
