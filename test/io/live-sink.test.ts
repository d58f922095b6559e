import { Writable } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { RolloutEvent } from "../../src/core/rollout/events.ts";
import { liveSink } from "../../src/io/live-sink.ts";
import { plan, step } from "../support/plan.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => void vi.useRealTimers());

const steps = ["a", "b"].map((id) => step(id));
const what = plan(steps);
const [a = step("a"), b = step("b")] = steps;

/** A sink on a terminal that remembers each write. */
function watch({ printsOutput = false, columns = 60, rows = 20 } = {}) {
  const writes: string[] = [];
  const terminal = new Writable({
    decodeStrings: false,
    write: (chunk, _, done) => {
      writes.push(String(chunk));
      done();
    },
  });
  const stream = Object.assign(terminal, { columns, rows, isTTY: true });
  let tell: ((text: string) => void) | undefined;
  const divert = (write: typeof tell) => {
    tell = write;
  };
  const sink = liveSink({ stream, divert }, { environment: "eqiad", printsOutput });
  sink.begin({ plan: what, settled: new Map() }, () => performance.now());
  const on = (...events: readonly RolloutEvent[]) => events.forEach(sink.on);
  on({ type: "rollout-started", plan: what, jobs: 2 });
  vi.advanceTimersByTime(0);
  /** What was written since this was asked last, one text for each write. */
  const written = () => writes.splice(0).map((text) => stripVTControlCharacters(text));
  return {
    sink,
    on,
    written,
    raw: () => writes,
    tell: (text: string) => tell?.(text),
    isDiverted: () => tell !== undefined,
  };
}

const started = (one: typeof a): RolloutEvent => ({ type: "step-started", step: one, attempt: 1 });
const printed = (line: string): RolloutEvent => ({ type: "step-printed", step: a, line });
const ended = (one: typeof a): RolloutEvent => ({
  type: "step-finished",
  step: one,
  outcome: { kind: "succeeded", durationMs: 1000 },
});

it("a thousand events within a moment are one frame, written at once", () => {
  const { on, written } = watch();
  written();
  on(started(a), ...[...Array(1000).keys()].map((at) => printed(`line ${at}`)), started(b), ended(b));
  vi.advanceTimersByTime(200);
  const [frame = "", ...others] = written();
  expect(others).toEqual([]);
  expect(frame).toContain("[b eqiad] b succeeded in 1.0 s\n");
  expect(frame).toContain("line 999");
  expect(frame).not.toContain("line 998");
});

it("nothing is written where nothing has changed, and what goes on is drawn once a second", () => {
  const { on, written } = watch();
  vi.advanceTimersByTime(1);
  on(started(a));
  vi.advanceTimersByTime(10_000);
  expect(written().length).toBeLessThan(14);
  const idle = watch();
  idle.sink.close();
  idle.written();
  vi.advanceTimersByTime(10_000);
  expect(idle.written()).toEqual([]);
});

it("with --verbose all output is printed above it, in order", () => {
  const { on, written } = watch({ printsOutput: true });
  on(started(a), printed("one"), printed("two"));
  vi.advanceTimersByTime(200);
  expect(written().join("")).toContain("  [a eqiad] one\n  [a eqiad] two\n");
});

it("while a question stands there is no view and nothing is printed; then all of it comes, and the view", () => {
  const { sink, on, written } = watch();
  on(started(a));
  vi.advanceTimersByTime(200);
  sink.pause();
  expect(written().at(-1)).not.toContain("of 2 steps");
  on(started(b), ended(b));
  sink.tell("only now");
  vi.advanceTimersByTime(5_000);
  expect(written()).toEqual([]);
  sink.resume();
  expect(written().join("")).toBe("✔ [b eqiad] b succeeded in 1.0 s\n");
  vi.advanceTimersByTime(200);
  expect(written().join("")).toContain("1 of 2 steps");
});

it("what others tell stands above the view at once, and below a question as it is", () => {
  const { sink, written, tell } = watch();
  vi.advanceTimersByTime(200);
  written();
  tell("killing what still runs\n");
  expect(written().join("")).toMatch(/^killing what still runs\n─+\nrestore of eqiad/);
  sink.pause();
  written();
  tell("last words\n");
  expect(written()).toEqual(["last words\n"]);
});

it("at the end the view is gone, others write for themselves again, and no timer is left", () => {
  const { on, written, isDiverted } = watch();
  vi.advanceTimersByTime(200);
  written();
  const result = { outcomes: new Map(), commands: new Map(), durationMs: 1 };
  on(ended(a), { type: "rollout-finished", result });
  expect(written().join("")).toBe("✔ [a eqiad] a succeeded in 1.0 s\n");
  expect([isDiverted(), vi.getTimerCount()]).toEqual([false, 0]);
});

it("the cursor is never hidden: whatever kills the command, nobody has to bring it back", () => {
  const { on, raw } = watch();
  on(started(a));
  vi.advanceTimersByTime(3_000);
  expect(raw().join("")).toContain("of 2 steps");
  expect(raw().join("")).not.toContain("\u001b[?25l");
});

it("what a program prints cannot move the cursor nor write over the view", () => {
  const { on, raw } = watch({ printsOutput: true });
  on(started(a));
  vi.advanceTimersByTime(200);
  raw().splice(0);
  on(printed("10%\r20%\u001b[2J\u001b[5A\u001b]0;title\u0007done"));
  vi.advanceTimersByTime(200);
  const text = raw().join("");
  expect(text).toContain("10% 20%done");
  expect(text).not.toContain("\u001b[2J");
});

it("a bug in the view does not reach the rollout, which goes on in lines", () => {
  const { sink, on, written } = watch();
  sink.begin({ plan: what, settled: new Map() }, () => {
    throw new Error("no clock");
  });
  written();
  on(started(a), ended(a));
  vi.advanceTimersByTime(2000);
  const text = written().join("");
  expect(text.match(/the view is given up/g)).toHaveLength(1);
  expect(text).toContain("a succeeded in 1.0 s");
});

it("steps that a stop keeps from beginning are one line with their number, at once, and no progress", async () => {
  const { on, written } = watch();
  const cancelled = (one: typeof a, reason = "interrupted"): RolloutEvent => ({
    type: "step-finished",
    step: one,
    outcome: { kind: "cancelled", reason },
  });
  on(started(a), { type: "rollout-stopping", reason: "interrupted", running: [a] });
  on(...["c", "d", "e"].map((id) => cancelled(step(id))));
  await Promise.resolve();
  vi.advanceTimersByTime(200);
  const [told = ""] = written().slice(-1);
  expect(told).toMatch(/no new steps; waiting for a to end\n! 3 steps cancelled: interrupted\n─/);
  expect(told).toContain("restore of eqiad: 0 of 2 steps, 3 cancelled\n");
  on(cancelled(b), cancelled(a, "interrupted while it ran"));
  vi.advanceTimersByTime(200);
  expect(written().join("")).toMatch(
    /^! \[b eqiad\] b cancelled: interrupted\n! \[a eqiad\] a cancelled: interrupted while it ran\n─/,
  );
});
