import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { watchSignals as WatchSignals } from "../../src/host/interruption.ts";

// What was killed once is killed for good: no other test is to see that.
let watchSignals: typeof WatchSignals;
beforeAll(async () => {
  vi.resetModules();
  ({ watchSignals } = await import("../../src/host/interruption.ts"));
});
afterAll(() => vi.resetModules());

const listened = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGXCPU", "SIGALRM", "SIGUSR2"] as const;

/** What is said and done on signals that come so many milliseconds after each other. */
function signalled(...signals: readonly (readonly [name: NodeJS.Signals, laterMs?: number])[]): string[] {
  const did: string[] = [];
  const before = new Map(listened.map((name) => [name, process.listeners(name)]));
  const { signal } = watchSignals({
    tell: (text) => did.push(text.split(/[:;]/)[0] ?? ""),
    end: () => {
      did.push("ended");
      throw new Error("ended");
    },
  });
  signal.addEventListener("abort", () => did.push("asked to stop"));
  for (const [name, laterMs = 0] of signals) {
    vi.advanceTimersByTime(laterMs);
    try {
      process.emit(name, name);
    } catch {
      break;
    }
    vi.advanceTimersByTime(1);
  }
  for (const name of listened) {
    for (const listener of process.listeners(name))
      if (!before.get(name)?.includes(listener)) process.off(name, listener);
  }
  return did;
}

const first = ["asked to stop", "interrupted"];
const killed = [...first, "killing what still runs"];
beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("signals to the command", () => {
  it.each(listened)("%s as the first asks what runs to stop, once", (name) => {
    expect(signalled([name])).toEqual(first);
  });

  it.each(["SIGINT", "SIGQUIT"] as const)("%s a second later kills what still runs", (name) => {
    for (const one of listened) expect(signalled([one], [name, 1_000])).toEqual(killed);
  });

  it.each(["SIGTERM", "SIGHUP", "SIGXCPU", "SIGALRM", "SIGUSR2"] as const)(
    "%s never counts as a second one: whoever sends it may not know of the first",
    (name) => {
      for (const one of listened) expect(signalled([one], [name, 5_000], [name, 5_000])).toEqual(first);
    },
  );

  it("one that is delivered twice counts once, however often it comes in that second", () => {
    expect(signalled(["SIGINT", 0], ["SIGINT", 20], ["SIGINT", 400], ["SIGINT", 400])).toEqual(first);
    expect(signalled(["SIGINT"], ["SIGINT", 500], ["SIGINT", 500])).toEqual(killed);
  });

  it("a third time, by whichever, ends the command, but not by the second one delivered twice", () => {
    expect(signalled(["SIGINT"], ["SIGINT", 2_000], ["SIGINT", 20])).toEqual(killed);
    expect(signalled(["SIGINT"], ["SIGINT", 2_000], ["SIGTERM", 5_000])).toEqual([...killed, "ended"]);
    expect(signalled(["SIGINT"], ["SIGINT", 2_000], ["SIGQUIT", 1_000])).toEqual([...killed, "ended"]);
  });

  it("a second one that the end of the limit forestalls is not taken for a third", () => {
    const did = signalled(["SIGINT"], ["SIGINT", 900_100], ["SIGINT", 2_000]);
    expect(did).toEqual([...first, "killing what still runs after 15 min 0 s", "ended"]);
  });
});
