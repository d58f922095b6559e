import { expect, it } from "vitest";
import { describeFailure, isOutOfReach } from "../../src/core/helmfile-output/describe-failure.ts";
import { type StepFailure, withFewerLines } from "../../src/core/rollout/outcome.ts";

const unreachable =
  'Error: Kubernetes cluster unreachable: Get "https://10.0.0.1:6443/version": dial tcp 10.0.0.1:6443: connect: connection refused';

function exited(...lastLines: string[]) {
  return { kind: "exit", exitCode: 1, lastLines } as const;
}

it("a cluster that helm never reached is out of reach", () => {
  expect(isOutOfReach(exited("Upgrading release=main", unreachable))).toBe(true);
});

it("one that was lost on the way is not: something may have changed there", () => {
  const lost = `Error: an error occurred while uninstalling the release. original install error: context deadline exceeded: ${unreachable}`;
  expect(isOutOfReach(exited("Upgrading release=main", lost))).toBe(false);
});

it("nor is anything else that failed", () => {
  expect(isOutOfReach(exited("Error: no chart"))).toBe(false);
  expect(isOutOfReach({ kind: "signal", signal: "SIGKILL", lastLines: [unreachable] })).toBe(false);
});

it("nor one that was lost for some of its releases only after they were begun", () => {
  const lost = `Error: an error occurred while uninstalling the release. original install error: no: ${unreachable}`;
  expect(isOutOfReach(exited(unreachable, lost))).toBe(false);
  expect(isOutOfReach(exited(lost, unreachable))).toBe(false);
});

it.each<[string, StepFailure, string]>([
  ["an exit code", exited(), "exit code 1"],
  ["its last words", exited("one", "two ", "", " "), "exit code 1: two"],
  [
    "helm's error, though more follows",
    exited("Error: no chart", "so it goes"),
    "exit code 1: Error: no chart",
  ],
  [
    "not that a plugin failed",
    exited("no chart", 'Error: plugin "diff" exited with error', "no chart at all"),
    "exit code 1: no chart at all",
  ],
  ["words without colours", exited("\x1b[31mred\x1b[0m"), "exit code 1: red"],
  [
    "a signal",
    { kind: "signal", signal: "SIGKILL", lastLines: ["Upgrading"] },
    "ended by SIGKILL: Upgrading",
  ],
  [
    "why it was not started",
    { kind: "spawn", message: "no such file" },
    "could not be started: no such file",
  ],
  ["what it is instead of these", { kind: "other", message: "it left b pending" }, "it left b pending"],
])("why a step failed is one line: %s", (_, failure, line) => {
  expect(describeFailure(failure)).toBe(line);
});

it("an outcome keeps the last forty lines of output, and all else of a failure", () => {
  const lines = Array.from({ length: 41 }, (_, at) => `line ${at}`);
  const evidence = ["no ConfigMap"];
  expect(withFewerLines({ ...exited(...lines), evidence })).toEqual({
    ...exited(...lines.slice(1)),
    evidence,
  });
  expect(withFewerLines(exited(...lines.slice(1)))).toEqual(exited(...lines.slice(1)));
  const spawn = { kind: "spawn", message: "no such file" } as const;
  expect(withFewerLines(spawn)).toEqual(spawn);
});
