// With a fake API server, which can be away in more ways than a real one; test/e2e/api-away.test.ts has the real one.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BuiltCommand, buildCommand } from "../host/support/built-command.ts";
import { startNorth } from "../host/support/north.ts";
import type { Manner } from "../support/fake-manner.ts";
import { operate } from "./support/operator.ts";

let command: BuiltCommand;
beforeAll(async () => {
  command = await buildCommand();
});
afterAll(() => command.remove());

const anything = /./;

const absences: Readonly<Record<string, Manner>> = {
  "closes every connection": { kind: "close" },
  "breaks off in the middle of each answer": { kind: "break" },
  "answers that it is overloaded": { kind: "status", status: 503 },
  "takes calls and never answers": { kind: "never" },
};

describe("an API server that is away for a while", () => {
  it.each(Object.entries(absences))(
    "and %s holds up a gate, and nothing is blocked or lost by it",
    async (_, manner) => {
      const { helmfile, handOff, kubernetes, run } = await startNorth(command);
      helmfile.hold("shop_prometheus");
      const ended = run("restore", "--yes");
      await helmfile.until("start shop_prometheus");
      kubernetes.answer(anything, manner);
      kubernetes.endWatches("broken");
      const before = kubernetes.calls().length;
      await helmfile.release("shop_prometheus");
      // The gate has looked, in vain.
      const servicesRead = () =>
        kubernetes
          .calls()
          .slice(before)
          .filter((call) => call.includes("/services"));
      await expect.poll(() => servicesRead().length, { timeout: 60_000 }).toBeGreaterThan(0);
      kubernetes.answer(anything, undefined);
      const { exitCode, stderr } = await ended;
      expect(stderr).toMatch(/gate \S+ waits: /);
      expect(exitCode).toBe(0);
      expect(handOff.calls()).toEqual(["north"]);
      expect(
        helmfile
          .ends()
          .filter((end) => / 0$/.test(end))
          .toSorted(),
      ).toEqual([...["sync mw-web_prometheus 0", "sync shop_prometheus 0", "sync toolhub 0"]]);
    },
  );

  it("when a run is resumed: what was done is not done again, and what was in flight is", async () => {
    const operator = await operate(command, { services: ["a", "b", "c"] });
    const { helmfile, kubernetes, restore, deployed } = operator;
    helmfile.hold("b");
    const killed = restore("--jobs", "1");
    await helmfile.until("start b");
    killed.kill("SIGKILL");
    await killed.ended;
    await helmfile.release("b", 1);
    helmfile.answer("b", "exit 0");
    kubernetes.answer(anything, { kind: "close" });
    const { exitCode, stderr } = await restore("--jobs", "1", "--resume").ended;
    expect(stderr).toMatch(/^b was running when north-\S+ ended; b\/main could not be looked up /m);
    expect(exitCode).toBe(0);
    expect(deployed()).toEqual(["a", "b", "c"]);
  });
});
