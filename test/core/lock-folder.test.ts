import { expect, it } from "vitest";
import { assemblePlan } from "../../src/core/plan/assemble-plan.ts";
import { findPlanFaults } from "../../src/core/plan/plan-faults.ts";
import { registry } from "../support/registry.ts";

function planWith(lockFolder: string) {
  const tree = { environment: "north", services: [], absent: [], unreadable: [] };
  const { plan } = assemblePlan(tree, registry(lockFolder), { mode: "apply", servicesDir: "/services" });
  if (!plan) throw new Error("no plan");
  return plan;
}

const asked = { environment: "north", mode: "apply" } as const;

it("the registry's folder for locks is handed to the host by the plan", () => {
  const plan = planWith("lockFolder: /run/lock/deploy");
  expect(plan.lockFolder).toBe("/run/lock/deploy");
  expect(findPlanFaults(plan, asked)).toEqual([]);
  expect(planWith("")).not.toHaveProperty("lockFolder");
});

it.each(["run/lock", "", "/run/\u001b[2J"])(
  "a plan is refused whose folder for locks is %j",
  (lockFolder) => {
    expect(findPlanFaults({ ...planWith(""), lockFolder }, asked)).toEqual([
      `the lock folder ${JSON.stringify(lockFolder)} is no absolute path`,
    ]);
  },
);
