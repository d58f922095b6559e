import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renderDiagnostics } from "../../src/core/common/diagnostic.ts";
import { journalEvent } from "../../src/core/journal/journal-event.ts";
import { parseJournal } from "../../src/core/journal/parse-journal.ts";
import { runStateOf } from "../../src/core/journal/run-state.ts";
import type { RolloutEvent } from "../../src/core/rollout/events.ts";
import { plan, step } from "../support/plan.ts";
import { runs } from "../support/runs.ts";
import { shownFaults } from "../support/shown-faults.ts";
import { anyEvent, smallPlan } from "./support/journal-events.ts";
import { header, journalOf, journalText } from "./support/journal-text.ts";

const file = "run.ndjson";
const [a, b] = [step("a"), step("b")];
const small = plan([a, b]);
const succeeded = { kind: "succeeded", durationMs: 7 } as const;
const events: readonly RolloutEvent[] = [
  { type: "rollout-started", plan: small, jobs: 2 },
  { type: "step-started", step: a, attempt: 1 },
  { type: "step-finished", step: a, outcome: succeeded },
  { type: "step-started", step: b, attempt: 1 },
  { type: "step-finished", step: b, outcome: { kind: "cancelled", reason: "ünd ♥ 💥" } },
];

function faultsOf(text: string): string {
  const parsed = parseJournal({ file, text });
  return parsed.ok ? "none" : shownFaults(parsed.failure);
}

/** No list of texts or steps, and too long for its faults to be handed on at once. */
const numbers = Array(300_000).fill(5);

/** A sound journal with another line in the place of one, counted from 1. */
function withLine(number: number, line: string): string {
  const lines = journalText(events, { plan: small }).split("\n");
  lines[number - 1] = line;
  return lines.join("\n");
}

describe("a journal", () => {
  it("is read as it was written, but for output", () => {
    fc.assert(
      fc.property(fc.array(anyEvent), (happened) => {
        const content = journalOf(happened, { plan: smallPlan, revisions: { "a/main": 3 } });
        expect(content.header).toEqual(header());
        expect(content.plan).toEqual(smallPlan);
        expect([...content.revisions]).toEqual([["a/main", 3]]);
        const kept = content.lines.map(({ time: _, elapsedMs: __, ...said }) => said);
        expect(kept).toEqual(happened.flatMap((event) => journalEvent(event) ?? []));
        expect(content.torn).toBe(false);
      }),
    );
  });

  it("that is cut at any byte of its last two lines loses nothing that was written before", () => {
    const whole = Buffer.from(journalText(events, { plan: small }));
    const lineEnds = [...whole.keys()].filter((at) => whole[at] === 0x0a);
    const from = lineEnds.at(-3) ?? 0;
    expect(from).toBeGreaterThan(0);
    for (let length = from + 1; length <= whole.length; length++) {
      const parsed = parseJournal({ file, text: whole.subarray(0, length).toString() });
      if (!parsed.ok) throw new Error(`cut at ${length}: ${renderDiagnostics(parsed.failure)}`);
      const state = runStateOf(parsed.value);
      const wholeLines = lineEnds.filter((end) => end < length).length;
      expect(parsed.value.lines.length).toBe(wholeLines - 2);
      expect(parsed.value.torn).toBe(!lineEnds.includes(length - 1));
      expect(state.outcomes.get("a")).toEqual(succeeded);
      // Begun, and nothing is known of its end unless the line is whole.
      expect(state.inFlight).toEqual(wholeLines === 6 ? ["b"] : []);
    }
  });

  it("whose last line has an end and no sound middle is torn: the power failed", () => {
    const parsed = parseJournal({ file, text: `${journalText(events, { plan: small })}\0\0\0\n` });
    expect(parsed.ok && parsed.value.torn).toBe(true);
    expect(parsed.ok && parsed.value.lines.length).toBe(events.length);
  });

  it("passes over lines and keys of a newer minor version", () => {
    const line = { type: "step-dreamt", step: "a", time: "2026-10-05T11:00:09.000Z", elapsedMs: 9 };
    const more = { type: "step-finished", step: "b", outcome: { ...succeeded, dreams: 3 }, mood: "good" };
    const text = `${journalText(events, { plan: small })}${JSON.stringify(line)}\n${JSON.stringify({ ...line, ...more })}\n`;
    const parsed = parseJournal({ file, text });
    if (!parsed.ok) throw new Error(renderDiagnostics(parsed.failure));
    expect(parsed.value.lines.length).toBe(events.length + 1);
    expect(runStateOf(parsed.value).outcomes.get("b")).toEqual(succeeded);
  });

  it("of 30 MB is read in time, also if half of it is one line that was torn", () => {
    const noticed: RolloutEvent = {
      type: "step-noticed",
      step: a,
      evidence: { kind: "log", subject: "x".repeat(60), message: "y" },
    };
    const many = Array.from({ length: 75_000 }, () => noticed);
    const text = `${journalText(many, { plan: small })}${'"'.repeat(15_000_000)}`;
    expect(text.length).toBeGreaterThan(28_000_000);
    const parsed = parseJournal({ file, text });
    expect(parsed.ok && [parsed.value.lines.length, parsed.value.torn]).toEqual([75_000, true]);
  });
});

describe("what is no journal", () => {
  it("never makes the reader throw", () => {
    const whole = Buffer.from(journalText(events, { plan: small }));
    const garbled = fc
      .record({ at: fc.nat(whole.length - 1), by: fc.uint8Array({ maxLength: 40 }), drop: fc.nat(60) })
      .map(({ at, by, drop }) => Buffer.concat([whole.subarray(0, at), by, whole.subarray(at + drop)]));
    const bytes = fc.oneof(garbled, fc.uint8Array({ maxLength: 300 }));
    fc.assert(
      fc.property(bytes, (found) => {
        const parsed = parseJournal({ file, text: Buffer.from(found).toString() });
        if (parsed.ok) runStateOf(parsed.value);
        else expect(renderDiagnostics(parsed.failure)).toContain(`${file}:`);
      }),
      { numRuns: runs(1000) },
    );
  });

  it.each([
    ["nothing", "", `${file}:1:1: error: this is not the journal of a run`],
    ["another file", "hello\nthere\n", `${file}:1:1: error: this is not the journal of a run`],
    [
      "an end before the plan",
      `${JSON.stringify(header())}\n`,
      `${file}:2:1: error: the journal ends before`,
    ],
    [
      "no JSON in the middle",
      withLine(4, '{"type":"step-st'),
      `${file}:4:1: error: this line of the journal is no`,
    ],
    [
      "a step without its id",
      withLine(4, '{"type":"step-started","attempt":1}'),
      `${file}:4:1: error: this line of the journal is not what it should be, at step:`,
    ],
    [
      "another file for the run that it resumes",
      withLine(1, JSON.stringify(header({ resumes: "../../etc/passwd" }))),
      "at resumes: the name of a run",
    ],
    [
      "a time that no run takes",
      withLine(
        4,
        `{"type":"step-started","step":"a","attempt":1,"time":"${header().time}","elapsedMs":1e308}`,
      ),
      `${file}:4:1: error: this line of the journal is not what it should be, at elapsedMs: Too big`,
    ],
    [
      "a step that takes longer than any",
      withLine(
        5,
        journalText(events, { plan: small })
          .split("\n")[4]
          ?.replace('"durationMs":7', '"durationMs":1e308') ?? "",
      ),
      "at outcome.durationMs: Too big",
    ],
    [
      "a version that is nested deeper than can be written",
      withLine(1, `{"type":"journal","version":${"[".repeat(8000)}${"]".repeat(8000)}}`),
      `${file}:1:1: error: this version of the journal's format is not known: a list`,
    ],
    [
      "more faults than can be gathered in its header",
      withLine(1, JSON.stringify({ ...header(), argv: numbers })),
      `${file}:1:1: error: this line of the journal is not what it should be: too many faults to tell`,
    ],
    [
      "more faults than can be gathered in its plan",
      withLine(2, JSON.stringify({ type: "plan", plan: { ...small, steps: numbers } })),
      `${file}:2:1: error: this line of the journal is not what it should be: too many faults to tell`,
    ],
  ])("with %s is refused with its place", (_, text, message) => {
    expect(faultsOf(text)).toContain(message);
  });

  it("is told with its code, the beginning of the line, and what to do", async () => {
    const first = JSON.parse(journalText(events, { plan: small }).split("\n")[0] ?? "");
    const unknownKey = {
      type: "plan",
      plan: { ...small, mood: "good" },
      ...{ time: header().time, elapsedMs: 0 },
    };
    const newer = (tools: unknown) => withLine(1, JSON.stringify({ ...first, version: 2, tools }));
    const cases = {
      "the version is older": withLine(1, JSON.stringify({ ...first, version: 0 })),
      "the version is no number": withLine(1, JSON.stringify({ ...first, version: "2" })),
      "the version is newer, and no tools are named": newer(null),
      "the version is newer, and tools are a text": newer("x"),
      "the version is newer": newer({ "charlie-mediawiki": "7".repeat(50) }),
      "the first line is a list": withLine(1, "[1]"),
      "the time is none": withLine(1, JSON.stringify({ ...first, time: "noon" })),
      "the plan knows more": withLine(2, JSON.stringify(unknownKey)),
      "the plan knows more, and nothing says by which version": withLine(
        2,
        JSON.stringify(unknownKey),
      ).replace(/"charlie-mediawiki":"[^"]*",/, ""),
      "the plan is missing": withLine(2, JSON.stringify({ type: "step-started" })),
      "a line is no object": withLine(4, "4"),
      "a line has no type": withLine(4, "{}"),
    };
    const told = Object.entries(cases).map(([what, text]) => `${what}:\n${faultsOf(text)}`);
    await expect(`${told.join("\n\n")}\n`).toMatchFileSnapshot("__snapshots__/journal-faults.txt");
  });

  it("is refused plainly where it comes from a newer version", () => {
    const newer = {
      ...header(),
      version: 2,
      tools: { "charlie-mediawiki": "7.0\u001b[31m.0\u202e" },
      run: { is: "an object now" },
    };
    expect(faultsOf(withLine(1, JSON.stringify(newer)))).toContain(
      "run.ndjson:1:1: error: this journal was written by a newer charlie-mediawiki (7.0.0): use that\n",
    );
  });
});
