import { describe, expect, it } from "vitest";
import { fixPendingNote } from "../../src/core/journal/resume-command.ts";
import type { RolloutResult } from "../../src/core/rollout/events.ts";
import type { StepOutcome } from "../../src/core/rollout/outcome.ts";
import { notWanted } from "../../src/core/rollout/outcome-reasons.ts";
import { renderNextCommands } from "../../src/core/view/next-commands.ts";
import { plan, step } from "../support/plan.ts";

const restore = plan([step("a"), step("b", ["a"])], {
  stages: [
    { name: "rest", gate: "none" },
    { name: "hand-off", gate: "none", run: ["scap", "sync-world", "-D name"] },
  ],
});

const done: StepOutcome = { kind: "succeeded", durationMs: 1 };
const failure = { kind: "exit", exitCode: 1, lastLines: [] } as const;
const failed: StepOutcome = { kind: "failed", durationMs: 1, failure };
const killed: StepOutcome = { ...failed, failure: { kind: "signal", signal: "SIGKILL", lastLines: [] } };
const blocked: StepOutcome = { kind: "blocked", on: ["a"], reason: "a failed" };
const cancelled: StepOutcome = { kind: "cancelled", reason: "interrupted" };

function next(
  [a, b, handOff]: readonly [StepOutcome, StepOutcome, StepOutcome],
  overrides: Partial<Parameters<typeof renderNextCommands>[2]> = {},
) {
  const result: RolloutResult = {
    outcomes: new Map([
      ["a", a],
      ["b", b],
    ]),
    commands: new Map([["hand-off", handOff]]),
    durationMs: 1,
  };
  return renderNextCommands(restore, result, {
    isLeft: [a, b, handOff].some(({ kind }) => kind !== "succeeded" && kind !== "skipped"),
    preflight: "charlie-mediawiki preflight -e codfw",
    resume: "charlie-mediawiki --resume RUN",
    ...overrides,
  });
}

describe("what to type next", () => {
  it("nothing, where all of it is done, also by an earlier run", () => {
    expect(next([done, done, done])).toEqual([]);
    expect(next([done, done, { kind: "skipped", reason: "done in codfw-20261005T110000Z-1" }])).toEqual([]);
  });

  it("nothing of a command that the rollout never came to", () => {
    const result: RolloutResult = { outcomes: new Map(), commands: new Map(), durationMs: 1 };
    const options = { isLeft: false, preflight: undefined, resume: undefined };
    expect(renderNextCommands(restore, result, options)).toEqual([]);
  });

  it("the command that the operator keeps for later", () => {
    expect(next([done, done, { kind: "skipped", reason: notWanted }])).toEqual([
      "left to you: scap sync-world '-D name'",
    ]);
  });

  it("where something failed: what tells why the command is held back, and what goes on with the run", () => {
    expect(next([failed, blocked, blocked])).toEqual([
      "what keeps it back: charlie-mediawiki preflight -e codfw",
      "when the cause is mended, go on with: charlie-mediawiki --resume RUN",
    ]);
    expect(next([failed, blocked, blocked], { preflight: undefined })).toHaveLength(1);
  });

  it("where a gate stayed shut although nothing failed: the same", () => {
    expect(next([done, done, blocked])).toEqual([
      "what keeps it back: charlie-mediawiki preflight -e codfw",
      "to go on: charlie-mediawiki --resume RUN",
    ]);
  });

  it("where it was stopped or interrupted: what goes on with the run", () => {
    expect(next([done, cancelled, cancelled])).toEqual(["to go on: charlie-mediawiki --resume RUN"]);
  });

  it("where something was killed: what mends that, in words", () => {
    expect(next([killed, cancelled, cancelled])).toEqual([
      "when the cause is mended, go on with: charlie-mediawiki --resume RUN",
      fixPendingNote,
    ]);
  });

  it("nothing that is told already", () => {
    expect(next([killed, cancelled, cancelled], { resume: undefined })).toEqual([]);
  });
});
