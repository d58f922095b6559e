import { expect, it } from "vitest";
import type { Step } from "../../src/core/plan/plan.ts";
import { chooseActions } from "../../src/core/plan/what-exists.ts";
import { plan as planOf } from "../support/plan.ts";

const selectors = ["-l", "namespace=mw-web,name=main", "-l", "namespace=mw-web,name=sync"];

function stepOf(action: Step["action"], releases = ["mw-web/main", "mw-web/sync"]): Step {
  const verb = action === "sync" ? ["sync"] : ["apply", "--context", "5"];
  return {
    id: "mw-web",
    service: "mw-web",
    helmfile: "mw-web/helmfile.yaml",
    releases,
    class: "other",
    action,
    args: ["--file", "mw-web/helmfile.yaml", "--environment", "apply", ...selectors, ...verb],
    after: [],
    stage: "all",
  };
}

function chosen(step: Step, existing: Record<string, readonly string[]>): Step | undefined {
  const plan = planOf([step]);
  const known = new Map(Object.entries(existing).map(([namespace, ids]) => [namespace, new Set(ids)]));
  return chooseActions(plan, known).steps[0];
}

it("syncs what is not there, with nothing but the verb replaced", () => {
  expect(chosen(stepOf("apply"), { "mw-web": ["mw-web/other"] })).toEqual(stepOf("sync"));
});

it("applies where one of the step's releases is there", () => {
  expect(chosen(stepOf("sync"), { "mw-web": ["mw-web/sync"] })).toEqual(stepOf("apply"));
});

it.each(["sync", "apply"] as const)("leaves a step that is to %s as it is where nobody knows", (action) => {
  expect(chosen(stepOf(action), { shop: ["shop/main"] })).toEqual(stepOf(action));
  expect(chosen(stepOf(action, ["shop/main", "mw-web/main"]), { shop: ["shop/main"] })).toEqual(
    stepOf(action, ["shop/main", "mw-web/main"]),
  );
});

it("leaves a step without releases as it is: helmfile only removes there", () => {
  expect(chosen(stepOf("apply", []), {})).toEqual(stepOf("apply", []));
});
