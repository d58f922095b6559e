import { expect, it } from "vitest";
import { renderMissingNamespaces } from "../../src/core/rollout/missing-namespaces.ts";

it("says nothing where all are there", () => {
  expect(renderMissingNamespaces(["a", "b"], ["b", "a", "kube-system"])).toEqual([]);
});

it("speaks of one as of one", () => {
  expect(renderMissingNamespaces(["a", "b"], ["b"])[0]).toBe(
    "warning: 1 namespace of the plan is not there, and with createNamespace: false helm does not make it: a",
  );
});

it("counts what is not there, and names the first of many in order", () => {
  const planned = ["j", "i", "h", "g", "f", "e", "d", "c", "b", "a"];
  expect(renderMissingNamespaces(planned, ["e"])).toEqual([
    "warning: 9 namespaces of the plan are not there, and with createNamespace: false helm does not make them: a, b, c, d, f, g, h, i and 1 more",
    expect.stringMatching(/^ {2}to do: .*admin_ng/),
  ]);
});
