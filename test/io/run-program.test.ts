import { expect, it } from "vitest";
import { wasKilled } from "../../src/core/rollout/outcome.ts";
import { runProgram } from "../../src/io/run-program.ts";
import { takeDiff } from "../../src/io/take-diffs.ts";
import { step } from "../support/plan.ts";

const interruptedFirst = { kind: "spawn", message: "interrupted" };

it("what is interrupted before it could be started is not started: it was not killed", async () => {
  const result = await runProgram(["true"], { env: {}, signal: AbortSignal.abort(), output: () => {} });
  if (result.ok) throw new Error("it was started");
  expect(result.failure).toEqual(interruptedFirst);
  expect(wasKilled({ kind: "failed", durationMs: 0, failure: result.failure })).toBe(false);
});

it("so it is with a diff", async () => {
  const a = step("a");
  expect(await takeDiff(a, { env: {}, signal: AbortSignal.abort() })).toEqual({
    ...{ step: a, kind: "failed", lines: [] },
    failure: interruptedFirst,
  });
});
