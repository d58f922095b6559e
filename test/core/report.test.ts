import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { renderDuration } from "../../src/core/common/words.ts";
import { assemblePlan } from "../../src/core/plan/assemble-plan.ts";
import type { Plan } from "../../src/core/plan/plan.ts";
import { renderCommands, renderPlan } from "../../src/core/plan/render-plan.ts";
import { parseRegistry } from "../../src/core/registry/registry-parse.ts";
import type { StepOutcome } from "../../src/core/rollout/outcome.ts";
import { parseInventory } from "../../src/core/tree/inventory.ts";
import { renderSummary } from "../../src/core/view/render-summary.ts";
import { plan, step } from "../support/plan.ts";

/** The full restore of the real eqiad, by the real registry. */
async function eqiad(options: { withMediawiki?: boolean } = {}): Promise<Plan> {
  const registry = parseRegistry({ file: "registry.yaml", text: await readFile("registry.yaml", "utf8") });
  const file = "fixtures/inventories/services-eqiad.json";
  const tree = parseInventory({ file, text: await readFile(file, "utf8") });
  if (!registry.ok || !tree.ok) throw new Error("the fixtures are not valid");
  const servicesDir = "/srv/deployment-charts/helmfile.d/services";
  const answer = assemblePlan(tree.value, registry.value, { mode: "restore", servicesDir, ...options });
  if (!answer.plan) throw new Error("no plan");
  return answer.plan;
}

describe("the plan of the real eqiad", () => {
  it("reads like this", async () => {
    await expect(`${renderPlan(await eqiad())}\n`).toMatchFileSnapshot("__snapshots__/plan-eqiad.txt");
  });

  it("runs these commands", async () => {
    await expect(`${renderCommands(await eqiad())}\n`).toMatchFileSnapshot(
      "__snapshots__/commands-eqiad.txt",
    );
  });

  it("reads like this with MediaWiki", async () => {
    const text = renderPlan(await eqiad({ withMediawiki: true }));
    await expect(`${text}\n`).toMatchFileSnapshot("__snapshots__/plan-eqiad-with-mediawiki.txt");
  });
});

describe("the summary", () => {
  const failed: StepOutcome = {
    kind: "failed",
    durationMs: 600_000,
    failure: {
      kind: "exit",
      exitCode: 1,
      lastLines: ["\u001b[31mError: context deadline exceeded\u001b[0m", "Release does not exist."],
    },
  };

  it("tells releases per stage, what failed by helm's own words, what was blocked by what, and what was left out", () => {
    const shown: Plan = {
      ...plan([step("a", [], { stage: "support" }), step("b", ["a"]), step("c", ["a"]), step("d")], {
        gates: ["daemonsets", "support", "others"].map((id) => ({ id, stage: id, steps: [] })),
        stages: [
          { name: "support", gate: "wait" },
          { name: "rest", gate: "none" },
          { name: "mediawiki", gate: "none", run: ["scap", "sync-world"] },
        ],
      }),
      excluded: [{ release: "mw-web/main", class: "mediawiki", reason: "MediaWiki: scap deploys it" }],
      unreadable: [{ service: "broken", message: "no value for key x" }],
      excludedUnreadable: [{ service: "torn", reason: "excluded by --exclude torn", message: "no value" }],
    };
    const blocked: StepOutcome = { kind: "blocked", on: ["a"], reason: "a failed" };
    const summary = renderSummary(
      shown,
      {
        outcomes: new Map<string, StepOutcome>([
          ["a", failed],
          ["b", blocked],
          ["c", blocked],
          ["d", { kind: "skipped", reason: "no change" }],
        ]),
        commands: new Map([
          ["mediawiki", { ...blocked, reason: "the gate of support stayed shut: a failed" }],
        ]),
        gates: new Map([
          ["support", { isOpen: false, reason: "a failed" }],
          ["daemonsets", { isOpen: true, reason: "skipped: not ready on 1 node" }],
          ["others", { isOpen: true, reason: "1 step succeeded" }],
        ]),
        durationMs: 601_000,
      },
      (id) => (id === "a" ? "/logs/a.log" : undefined),
    );
    expect(summary).toMatchInlineSnapshot(`
      "restore of eqiad took 10 min 1 s

      stage      deployed                       steps
      support    0 of 1 releases                1 failed
      rest       1 of 3 releases (1 unchanged)  2 blocked, 1 skipped
      mediawiki  scap sync-world                blocked

      failed: a: exit code 1: Error: context deadline exceeded
        | Release does not exist.
        all of its output: /logs/a.log
      blocked: b, c (a failed)
      blocked: mediawiki (the gate of support stayed shut: a failed)
      skipped: d (no change)
      gate daemonsets skipped: not ready on 1 node
      gate support stayed shut: a failed

      not handed to scap: 1 release
      left out: torn (excluded by --exclude torn; could not be read)
      could not be read: broken: no value for key x"
    `);
  });

  it("counts as deployed what is there, also where an earlier run has done it", () => {
    const steps = ["a", "b", "c"].map((id) => step(id, [], { releases: [`${id}/main`, `${id}/canary`] }));
    const outcomes = new Map<string, StepOutcome>([
      ["a", { kind: "skipped", reason: "done in eqiad-20261005T100000Z-7" }],
      ["b", { kind: "succeeded", durationMs: 1 }],
      ["c", { kind: "cancelled", reason: "interrupted" }],
    ]);
    const rows = (plan_: Plan) =>
      renderSummary(plan_, { outcomes, commands: new Map(), durationMs: 0 }).split("\n").slice(2, 4);
    expect(rows(plan(steps))).toEqual([
      "stage  deployed                     steps",
      "rest   4 of 6 releases (2 earlier)  1 skipped, 1 succeeded, 1 cancelled",
    ]);
  });

  it("puts what was seen in the cluster before helm's words, and tells only the first failures at length", () => {
    const steps = [...Array(7).keys()].map((at) => step(`s${at}`));
    const evidence = ["s0/main: reads A_SERVICE_HOST, and s0 has no Service a", "  to do: deploy a"];
    const outcomes = new Map(
      steps.map(({ id }) => {
        const failure = { kind: "exit", exitCode: 1, lastLines: ["begun", "Error: no quota"] } as const;
        const seen = id === "s0" ? { ...failure, evidence } : failure;
        return [id, { kind: "failed", durationMs: 1, failure: seen } as const];
      }),
    );
    const summary = renderSummary(
      plan(steps),
      { outcomes, commands: new Map(), durationMs: 0 },
      (id) => `/logs/${id}.log`,
    );
    expect(summary.slice(summary.indexOf("failed: "))).toMatchInlineSnapshot(`
      "failed: s0: exit code 1: Error: no quota
        s0/main: reads A_SERVICE_HOST, and s0 has no Service a
          to do: deploy a
        all of its output: /logs/s0.log
      failed: s1: exit code 1: Error: no quota
        | begun
        all of its output: /logs/s1.log
      failed: s2: exit code 1: Error: no quota
        | begun
        all of its output: /logs/s2.log
      failed: s3: exit code 1: Error: no quota
        | begun
        all of its output: /logs/s3.log
      failed: s4: exit code 1: Error: no quota
        | begun
        all of its output: /logs/s4.log
      failed: s5: exit code 1: Error: no quota
      failed: s6: exit code 1: Error: no quota"
    `);
  });

  it("hides helm's last lines for nothing that kept the next try from beginning", () => {
    const failure = {
      ...({ kind: "exit", exitCode: 1, lastLines: ["Upgrading release=a", "Error: EOF"] } as const),
      notTriedAgain: "a/main is pending-install",
    };
    const outcomes = new Map([["a", { kind: "failed", durationMs: 1, failure } as const]]);
    const summary = renderSummary(plan([step("a")]), { outcomes, commands: new Map(), durationMs: 0 });
    expect(summary.slice(summary.indexOf("failed: "))).toMatchInlineSnapshot(`
      "failed: a: exit code 1: Error: EOF
        | Upgrading release=a
        not tried again: a/main is pending-install"
    `);
  });

  it("says of a stage that was not come to no more than its releases, and of gates nothing where none is known", () => {
    const shown = plan(
      [step("a", [], { releases: ["a/main", "a/canary"] }), step("b", [], { stage: "late" })],
      {
        gates: [{ id: "rest", stage: "rest", steps: ["a"] }],
      },
    );
    const outcomes = new Map([["a", { kind: "succeeded", durationMs: 1 } as const]]);
    expect(renderSummary(shown, { outcomes, commands: new Map(), durationMs: 0 })).toMatchInlineSnapshot(`
      "restore of eqiad took 0.0 s

      stage  deployed         steps
      rest   2 of 2 releases  1 succeeded
      late   0 of 1 releases"
    `);
  });

  it("names only the first of many, and why the run was stopped", () => {
    const steps = [...Array(9).keys()].map((at) => step(`s${at}`));
    const cancelled = { kind: "cancelled", reason: "interrupted" } as const;
    const outcomes = new Map(steps.map(({ id }) => [id, cancelled]));
    const summary = renderSummary(plan(steps), {
      outcomes,
      commands: new Map(),
      durationMs: 0,
      stopped: "interrupted",
    });
    expect(summary).toMatchInlineSnapshot(`
      "restore of eqiad took 0.0 s

      stage  deployed         steps
      rest   0 of 9 releases  9 cancelled

      cancelled: s0, s1, s2, s3 and 5 more (interrupted)

      stopped: interrupted"
    `);
  });
});

it("a word that a shell would change is quoted in a command that is shown", () => {
  const odd = step("a", [], { args: ["--file", "/srv/it's here/helmfile.yaml", "sync"] });
  expect(renderCommands(plan([odd]))).toBe("helmfile --file '/srv/it'\\''s here/helmfile.yaml' sync");
});

it.each([
  [900, "0.9 s"],
  [59_949, "59.9 s"],
  [250_000, "4 min 10 s"],
  [3_780_000, "1 h 3 min"],
])("%i ms are %s", (milliseconds, text) => {
  expect(renderDuration(milliseconds)).toBe(text);
});
