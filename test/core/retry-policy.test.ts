import { describe, expect, it } from "vitest";
import type { StepFailure } from "../../src/core/rollout/outcome.ts";
import { retryOf } from "../../src/core/rollout/retry-policy.ts";
import { readRecordedFailures } from "../support/recorded-failures.ts";

const recorded = (name: string): StepFailure => {
  const found = readRecordedFailures().find((one) => one.name === name);
  if (!found) throw new Error(`no recording ${name}`);
  return { kind: "exit", exitCode: 1, lastLines: found.lines };
};

const refused = recorded("unreachable-connection-refused");
const always = { tries: 5, random: () => 0.5 };

describe("a step that failed", () => {
  it("is tried again after 5, 10, 20 and 40 seconds, and not a sixth time", () => {
    const waits = [1, 2, 3, 4, 5].map((tried) => retryOf(refused, tried, always)?.afterMs);
    expect(waits).toEqual([5_000, 10_000, 20_000, 40_000, undefined]);
    expect(retryOf(refused, 1, always)?.reason).toBe("the connection was refused");
  });

  it("waits by chance half as long up to half as long again, and never for more than three minutes", () => {
    const wait = (random: number, tried: number) =>
      retryOf(refused, tried, { tries: 20, random: () => random })?.afterMs;
    expect([wait(0, 1), wait(0.999, 1)]).toEqual([2_500, 7_495]);
    expect(wait(0.999, 19)).toBeLessThan(180_000);
  });

  it.each<[string, StepFailure]>([
    ["that was not started", { kind: "spawn", message: "ENOENT" }],
    ["that a signal ended", { ...refused, kind: "signal", signal: "SIGKILL" } as StepFailure],
    [
      "whose cause is seen in the cluster",
      { ...refused, evidence: ["shop/main-1: CreateContainerConfigError"] },
    ],
    ["for another reason", { kind: "exit", exitCode: 1, lastLines: ["Error: no"] }],
  ])("is not tried again where it is one %s", (_, failure) => {
    expect(retryOf(failure, 1, always)).toBeUndefined();
  });
});
