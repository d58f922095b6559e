import type { Gate, Plan, Stage, Step } from "../../src/core/plan/plan.ts";

/** A step of a test's plan: its id, and what it waits for. */
export function step(id: string, after: readonly string[] = [], overrides: Partial<Step> = {}): Step {
  return {
    id,
    service: id,
    helmfile: `/srv/${id}/helmfile.yaml`,
    releases: [`${id}/main`],
    class: "other",
    action: "sync",
    args: ["--file", `/srv/${id}/helmfile.yaml`, "--environment", "eqiad", "sync"],
    after: [...after],
    stage: "rest",
    ...overrides,
  };
}

/** A plan of these steps; the stages are those that they name, in that order, unless they are given. */
export function plan(
  steps: readonly Step[],
  overrides: {
    gates?: Gate[];
    stages?: (Omit<Stage, "steps"> & { steps?: string[] })[];
    log?: string[];
  } = {},
): Plan {
  const names = [...new Set(steps.map((one) => one.stage))];
  const stages: NonNullable<typeof overrides.stages> =
    overrides.stages ?? names.map((name) => ({ name, gate: "none" }));
  return {
    version: 1,
    environment: "eqiad",
    mode: "restore",
    stages: stages.map((stage) => ({
      ...stage,
      steps: stage.steps ?? steps.filter((one) => one.stage === stage.name).map(({ id }) => id),
    })),
    steps: [...steps],
    gates: overrides.gates ?? [],
    ...(overrides.log ? { log: overrides.log } : {}),
    excluded: [],
    unreadable: [],
  };
}
