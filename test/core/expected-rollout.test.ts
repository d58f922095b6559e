import { describe, expect, it } from "vitest";
import type { Durations, ExpectedDuration } from "../../src/core/rollout/durations.ts";
import { expectRollout } from "../../src/core/rollout/expected-rollout.ts";
import { knownFromRuns, renderExpected } from "../../src/core/view/render-expected.ts";
import { plan, step } from "../support/plan.ts";

const minute = 60_000;

/** What each step takes, in minutes, and how that is known. */
function known(entries: Record<string, [number, ExpectedDuration["from"]]>): Durations {
  return new Map(
    Object.entries(entries).map(([id, [minutes, from]]) => [id, { ms: minutes * minute, from }]),
  );
}

// agents ──gate──▶ shop ─── web      toolhub
const restore = plan(
  [
    step("agents", [], { stage: "agents" }),
    step("shop", ["agents"], { stage: "support", gates: ["agents"] }),
    step("web", ["shop"]),
    step("toolhub"),
  ],
  {
    gates: [{ id: "agents", stage: "agents", steps: ["agents"] }],
    stages: [
      { name: "agents", gate: "wait" },
      { name: "support", gate: "none" },
      { name: "rest", gate: "none" },
      { name: "mediawiki", gate: "none", run: ["scap"] },
    ],
  },
);
const durations = known({
  agents: [1, "step"],
  shop: [2, "releases"],
  web: [4.5, "chart"],
  toolhub: [9, "constant"],
});

describe("what a plan will probably take", () => {
  it("is its schedule, the longest way, and each step with how that is known", () => {
    expect(expectRollout(restore, { durations, runs: 3 }, { jobs: 2, jobsPerNamespace: 1 })).toEqual({
      makespanMs: 9 * minute,
      jobs: 2,
      jobsPerNamespace: 1,
      stagesInTurn: false,
      runs: 3,
      criticalPath: [{ step: "toolhub", ms: 9 * minute, from: "constant" }],
      steps: Object.fromEntries(durations),
    });
  });

  it("is longer where a stage waits for the one before, as somebody is asked between them", () => {
    const options = { jobs: 2, stagesInTurn: true };
    expect(expectRollout(restore, { durations, runs: 3 }, options)).toMatchObject({
      makespanMs: 12 * minute,
      stagesInTurn: true,
    });
  });

  it("is shorter by what has run, though nobody says which stages have begun", () => {
    const progress = {
      ended: new Set<string>(),
      running: new Map([["agents", minute]]),
      opened: new Set<string>(),
    };
    const options = { jobs: 2, stagesInTurn: true, progress };
    expect(expectRollout(restore, { durations, runs: 3 }, options).makespanMs).toBe(11 * minute);
  });

  it("is told in whole milliseconds", () => {
    const half = new Map([["a", { ms: 0.5, from: "step" as const }]]);
    const { makespanMs, steps } = expectRollout(plan([step("a")]), { durations: half, runs: 1 }, { jobs: 1 });
    expect([makespanMs, steps.a?.ms]).toEqual([1, 1]);
  });
});

describe("for people it", () => {
  const text = (what = durations, runs = 3, diffs = false) =>
    renderExpected(restore, expectRollout(restore, { durations: what, runs }, { jobs: 8 }), { diffs });

  it("says what is not counted, what is a guess, and which steps make it so long", () => {
    const slow = new Map([...durations, ["web", { ms: 8 * minute, from: "chart" }] as const]);
    expect(text(slow)).toBe(
      [
        "expected to take 11 min 0 s with 8 jobs; questions and the command of mediawiki are not counted",
        "by the durations of 3 earlier runs; a guess (30 s for each release) for 1 of 4 steps",
        "",
        "critical path, 11 min 0 s however many jobs:",
        "  agents  1 min 0 s  measured",
        "  shop    2 min 0 s  by its releases in other steps",
        "  web     8 min 0 s  by other releases of its chart",
      ].join("\n"),
    );
  });

  it("says that it is a guess where no run is known", () => {
    const guess = known({ agents: [0.5, "constant"], shop: [0.5, "constant"], web: [0.5, "constant"] });
    expect(text(guess, 0)).toBe(
      [
        "expected to take 1 min 30 s with 8 jobs; questions and the command of mediawiki are not counted",
        "a guess: no earlier run of eqiad is known, so it counts 30 s for each release",
        "",
        "critical path, 1 min 30 s however many jobs:",
        "  agents  30.0 s",
        "  shop    30.0 s",
        "  web     30.0 s",
      ].join("\n"),
    );
  });

  it("names no earlier runs where none of them measured a step of it", () => {
    const guess = known({ agents: [0.5, "constant"], shop: [0.5, "constant"], web: [0.5, "constant"] });
    expect(text(guess, 2).split("\n").slice(1, 5)).toEqual([
      "a guess: no earlier run of eqiad measured any of these steps, so it counts 30 s for each release",
      "",
      "critical path, 1 min 30 s however many jobs:",
      "  agents  30.0 s",
    ]);
  });

  it("says of an apply that only what changes is deployed", () => {
    expect(text(durations, 1, true).split("\n").slice(0, 2)).toEqual([
      "expected to take 9 min 0 s with 8 jobs, if every step changes something; " +
        "diffs, questions and the command of mediawiki are not counted",
      "by the durations of 1 earlier run; a guess (30 s for each release) for 1 of 4 steps",
    ]);
  });

  it("shows of a way of a thousand steps its two ends", () => {
    const chain = plan(
      Array.from({ length: 1000 }, (_, at) => step(`s${at}`, at === 0 ? [] : [`s${at - 1}`])),
    );
    const each = known(Object.fromEntries(chain.steps.map(({ id }) => [id, [1, "step"]])));
    const expected = expectRollout(chain, { durations: each, runs: 1 }, { jobs: 1, jobsPerNamespace: 2 });
    const lines = renderExpected(chain, expected, { diffs: false }).split("\n");
    expect(lines[0]).toBe(
      "expected to take 16 h 40 min with 1 job (2 in a namespace); questions are not counted",
    );
    expect(lines).toHaveLength(4 + 13);
    expect(lines.slice(9, 12)).toEqual([
      "  s5                1 min 0 s    measured",
      "  … 988 more steps  16 h 28 min",
      "  s994              1 min 0 s    measured",
    ]);
  });

  it.each([
    [3, 0, 4, "by the durations of 3 earlier runs"],
    [1, 1, 4, "by the durations of 1 earlier run; 1 step guessed"],
    [3, 2, 4, "by the durations of 3 earlier runs; 2 steps guessed"],
    [3, 4, 4, "a guess"],
  ])("is known of %i runs, where %i of %i steps are guessed, %s", (runs, guessed, all, words) => {
    expect(knownFromRuns(runs, { guessed, all })).toBe(words);
  });

  it("says nothing of a plan without steps", () => {
    const empty = plan([]);
    const expected = expectRollout(empty, { durations: new Map(), runs: 0 }, { jobs: 1 });
    expect(renderExpected(empty, expected, { diffs: false })).toBe("");
  });
});
