import { expect, it } from "vitest";
import { type ListedRun, renderRuns } from "../../src/core/journal/run-list.ts";
import { compareRuns, parseRunName, runName } from "../../src/core/journal/run-name.ts";
import { runStateOf } from "../../src/core/journal/run-state.ts";
import type { RolloutEvent } from "../../src/core/rollout/events.ts";
import type { StepOutcome } from "../../src/core/rollout/outcome.ts";
import { notChosen } from "../../src/core/rollout/outcome-reasons.ts";
import { plan, step } from "../support/plan.ts";
import { journalOf } from "./support/journal-text.ts";

const steps = ["a", "b", "c"].map((id) => step(id));

function events(...outcomes: (StepOutcome["kind"] | "in-flight")[]): RolloutEvent[] {
  return outcomes.flatMap((kind, at) => {
    const one = steps[at] ?? step("?");
    const begun: RolloutEvent = { type: "step-started", step: one, attempt: 1 };
    if (kind === "in-flight") return [begun];
    const outcome: StepOutcome =
      kind === "succeeded"
        ? { kind, durationMs: 1 }
        : kind === "failed"
          ? { kind, durationMs: 1, failure: { kind: "spawn", message: "" } }
          : kind === "blocked"
            ? { kind, on: [], reason: "" }
            : { kind, reason: "" };
    return [begun, { type: "step-finished", step: one, outcome }];
  });
}

function end(stopped?: string): RolloutEvent {
  const result = { outcomes: new Map(), commands: new Map(), durationMs: 1, ...(stopped && { stopped }) };
  return { type: "rollout-finished", result };
}

function listed(
  hour: number,
  happened: readonly RolloutEvent[],
  { resumes, ...more }: { resumes?: string; running?: boolean; torn?: boolean } = {},
): ListedRun {
  const run = runName("eqiad", `2026-10-05T${hour}:00:00.000Z`, 42);
  const header = { run, time: `2026-10-05T${hour}:00:00.123Z`, ...(resumes !== undefined && { resumes }) };
  const state = runStateOf(journalOf(happened, { plan: plan(steps), header }));
  return { run, environment: "eqiad", file: `${run}.ndjson`, state, running: false, torn: false, ...more };
}

it("runs are listed in a table, each with its state", () => {
  const killed = "eqiad-20261005T120000Z-42";
  const runs: ListedRun[] = [
    listed(18, events("succeeded", "in-flight"), { running: true }),
    listed(17, [...events("succeeded", "succeeded", "skipped"), end()], { resumes: killed }),
    listed(16, [...events("failed", "blocked", "succeeded"), end()]),
    listed(15, [...events("succeeded", "cancelled", "cancelled"), end("interrupted")]),
    listed(14, [...events("failed", "cancelled", "succeeded"), end("stopped by the operator")]),
    listed(13, [...events("succeeded", "succeeded"), end()]),
    listed(12, events("in-flight", "in-flight"), { torn: true }),
    listed(11, []),
    { run: "codfw-20261005T100000Z-1", environment: "codfw", file: "x", fault: "permission denied" },
  ];
  expect(`\n${renderRuns(runs)}\n`).toMatchInlineSnapshot(`
    "
    run                        environment  begun                 took   state                                                         resumes
    eqiad-20261005T180000Z-42  eqiad        2026-10-05T18:00:00Z  4.0 s  running: 1 of 3 ended
    eqiad-20261005T170000Z-42  eqiad        2026-10-05T17:00:00Z  8.0 s  complete                                                      eqiad-20261005T120000Z-42
    eqiad-20261005T160000Z-42  eqiad        2026-10-05T16:00:00Z  8.0 s  failed: 1 failed, 1 blocked
    eqiad-20261005T150000Z-42  eqiad        2026-10-05T15:00:00Z  8.0 s  interrupted: 2 cancelled
    eqiad-20261005T140000Z-42  eqiad        2026-10-05T14:00:00Z  8.0 s  interrupted (stopped by the operator): 1 failed, 1 cancelled
    eqiad-20261005T130000Z-42  eqiad        2026-10-05T13:00:00Z  6.0 s  failed: 1 not known
    eqiad-20261005T120000Z-42  eqiad        2026-10-05T12:00:00Z  3.0 s  killed: 2 in flight, its last line is cut off
    eqiad-20261005T110000Z-42  eqiad        2026-10-05T11:00:00Z  0.0 s  killed: 0 in flight
    codfw-20261005T100000Z-1   codfw                                     unreadable: permission denied
    "
  `);
});

it("a run of which the operator did not choose all is complete, and says so", () => {
  const [a, b, c] = steps.map((one): RolloutEvent => {
    return { type: "step-finished", step: one, outcome: { kind: "skipped", reason: "no change" } };
  }) as [RolloutEvent, RolloutEvent, RolloutEvent];
  const left = { ...b, outcome: { kind: "cancelled", reason: notChosen } } as RolloutEvent;
  expect(renderRuns([listed(14, [a, left, c, end()])])).toMatch(/ complete: 1 not chosen *$/);
});

it("what a journal says steers no terminal", () => {
  const stopped = listed(14, [...events("failed"), end("a \u001b[31mred\u001b[2J\nhand")]);
  const unread = { run: "eqiad-1", environment: "eqiad", file: "x", fault: "no\u009b2J\u202efile" };
  expect(renderRuns([stopped, unread])).toMatch(
    /interrupted \(a red hand\): 1 failed, 2 not known\n.* unreadable: no 2J file$/,
  );
});

it("no runs are told in words", () => {
  expect(renderRuns([])).toBe("no runs");
});

it("the name of a run says environment, time and process, and sorts by time", () => {
  const name = runName("staging-eqiad", "2026-10-05T11:00:00.123Z", 42);
  expect(name).toBe("staging-eqiad-20261005T110000Z-42");
  expect(parseRunName(name)).toEqual({ environment: "staging-eqiad", stamp: "20261005T110000Z", pid: 42 });
  const names = ["b-20261005T110000Z-9", "a-20261005T110001Z-1", "a-20261005T110000Z-10"];
  expect([...names].sort(compareRuns)).toEqual([names[1], names[2], names[0]]);
});

it("runs of one second are in one order, whichever they were found in, and what is none is behind them", () => {
  const names = ["a-20261005T110000Z-10", "b-20261005T110000Z-10", "a-20261005T110000Z-9", "a-note"];
  expect([...names].sort(compareRuns)).toEqual(names);
  expect(names.toReversed().sort(compareRuns)).toEqual(names);
});

it.each([
  "../x-20261005T110000Z-1",
  "a/b-20261005T110000Z-1",
  "-20261005T110000Z-1",
  "a-2026-1",
  "a-20261005T110000Z-1.old",
  "a-20261005T110000Z-12345678901",
  "",
  ".a-20261005T110000Z-1",
])("%j is not the name of a run", (text) => {
  expect(parseRunName(text)).toBeUndefined();
});
