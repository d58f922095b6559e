import { expect, it } from "vitest";
import { isOutOfReach } from "../../src/core/rollout/outcome.ts";

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
