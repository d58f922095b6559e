import { expect, it } from "vitest";
import { type Selection, selectServices } from "../../src/core/tree/selection.ts";
import { release, tree } from "../support/tree.ts";

const there = tree([release("a/main"), release("c/main"), release("b/main")], {
  absent: ["shop"],
  unreadable: [{ service: "shed", message: "no" }],
});

function select(selection: Partial<Selection>) {
  const { leftOut, diagnostics, ...rest } = selectServices(there, {
    ...{ service: [], exclude: [], priority: [] },
    ...selection,
  });
  const told = diagnostics.map(({ severity, code, message }) => `${severity} ${code}: ${message}`);
  return { ...rest, leftOut: Object.fromEntries(leftOut), told };
}

it("all services are selected in the order of their names, what --priority names before them", () => {
  expect(select({}).order).toEqual(["a", "b", "c"]);
  const { order, priority, told } = select({ priority: ["c", "shed", "b"] });
  expect(order).toEqual(["c", "b", "a"]);
  expect([...priority]).toEqual([
    ["c", 0],
    ["shed", 1],
    ["b", 2],
  ]);
  expect(told).toEqual([]);
});

it("why a service is left out is told by the flag that did it, the selection before the rest", () => {
  expect(select({ service: ["a", "b"], exclude: ["b", "c"], resumeAt: "b" })).toMatchObject({
    order: [],
    leftOut: {
      a: "before --resume_at b: counts as done",
      b: "excluded by --exclude b",
      c: "not selected by --service a,b",
      shed: "not selected by --service a,b",
      shop: "not selected by --service a,b",
    },
    countAsDone: new Set(["a"]),
    told: [],
  });
});

it("it begins at what --resume_at names, in the order that --priority changes", () => {
  const { order, countAsDone } = select({ priority: ["c"], resumeAt: "b" });
  expect(order).toEqual(["b"]);
  expect(countAsDone).toEqual(new Set(["c", "a"]));
  expect(select({ resumeAt: "a" }).countAsDone).toEqual(new Set());
});

it("a service that has nothing here is only worth a word, and none where the glob has others that could be", () => {
  expect(select({ service: ["shop"] }).told).toEqual([
    "warning absent-service: shop has nothing in the environment eqiad",
  ]);
  // What could not be read may be what is meant.
  expect(select({ service: ["sh*"] }).told).toEqual([]);
  expect(select({ service: ["shed"] }).told).toEqual([]);
});

it("what names no service is an error for each flag, and so where there are none at all", () => {
  expect(select({ service: ["x"], exclude: ["y*"], priority: ["z"], resumeAt: "w" }).told).toEqual([
    'error unknown-service: --service "x" matches no service',
    'error unknown-service: --exclude "y*" matches no service',
    'error unknown-service: --priority "z" matches no service',
    'error unknown-service: --resume_at "w" matches no service',
  ]);
  const [fault] = selectServices(tree([]), { service: ["x"], exclude: [], priority: [] }).diagnostics;
  expect(fault?.expected).toBe("one of the 0 services, for example (there are none)");
});
