import { describe, expect, it } from "vitest";
import { fail, ok } from "../../src/core/common/result.ts";
import type { JournalContent } from "../../src/core/journal/parse-journal.ts";
import { chainOf, type LoadRun } from "../../src/core/journal/run-chain.ts";
import type { Plan, Stage, Step } from "../../src/core/plan/plan.ts";
import type { RolloutEvent } from "../../src/core/rollout/events.ts";
import type { StepOutcome } from "../../src/core/rollout/outcome.ts";
import { plan, step } from "../support/plan.ts";
import { journalOf } from "./support/journal-text.ts";

const [first, second, third] = [1, 2, 3].map((hour) => `eqiad-20261005T0${hour}0000Z-42`) as [
  string,
  string,
  string,
];
const [a, b, c] = ["a", "b", "c"].map((id) => step(id)) as [Step, Step, Step];
const whole = plan([a, b, c], {
  stages: [
    { name: "rest", gate: "none" },
    { name: "hand-off", gate: "none", run: ["scap"], steps: [] },
  ],
});
const handOff = whole.stages[1] as Stage;

const started = (one: Step): RolloutEvent => ({ type: "step-started", step: one, attempt: 1 });
const ended = (one: Step, outcome: StepOutcome): RolloutEvent => ({
  type: "step-finished",
  step: one,
  outcome,
});
const ran = (one: Step, outcome: StepOutcome): RolloutEvent[] => [started(one), ended(one, outcome)];
const handedOver = (outcome: StepOutcome): RolloutEvent => ({
  type: "command-finished",
  stage: handOff,
  outcome,
});

const success: StepOutcome = { kind: "succeeded", durationMs: 1 };
const failure: StepOutcome = { kind: "failed", durationMs: 1, failure: { kind: "spawn", message: "no" } };
const cancelled: StepOutcome = { kind: "cancelled", reason: "interrupted" };
const blocked: StepOutcome = { kind: "blocked", on: ["a"], reason: "a failed" };
const skipped = (reason: string): StepOutcome => ({ kind: "skipped", reason });

interface Journal {
  readonly run: string;
  readonly resumes?: string;
  readonly plan?: Plan;
  readonly events?: readonly RolloutEvent[];
}

function loader(...journals: readonly Journal[]): LoadRun {
  const known = new Map<string, JournalContent>(
    journals.map(({ run, resumes, plan: its = whole, events = [] }) => [
      run,
      journalOf(events, { plan: its, header: { run, ...(resumes !== undefined && { resumes }) } }),
    ]),
  );
  return async (run) => {
    const content = known.get(run);
    return content
      ? ok(content)
      : fail([{ severity: "error", code: "run-unreadable", message: `no ${run}` }]);
  };
}

/** Where each step stands after the newest of these, and by which run. */
async function standings(...journals: readonly Journal[]): Promise<Record<string, string>> {
  const chain = await chainOf(journals.at(-1)?.run ?? "", loader(...journals));
  if (!chain.ok) throw new Error(chain.failure.map(({ message }) => message).join("\n"));
  const all = [...chain.value.steps, ...chain.value.commands];
  return Object.fromEntries(
    all.map(([id, { outcome, run }]) => [
      id,
      `${outcome === "in-flight" ? outcome : outcome.kind} ${run.slice(15, 17)}`,
    ]),
  );
}

const neverBegun = { c: "cancelled 01", "hand-off": "cancelled 01" };

describe("a run and those that it resumes", () => {
  it("stand where each last stood, with the run that did it", async () => {
    const one = {
      run: first,
      events: [...ran(a, success), ...ran(b, failure), ended(c, blocked), handedOver(blocked)],
    };
    const two = {
      run: second,
      resumes: first,
      events: [ended(a, skipped("done")), ...ran(b, success), started(c)],
    };
    const three = { run: third, resumes: second, events: [handedOver(success)] };
    expect(await standings(one)).toEqual({
      a: "succeeded 01",
      b: "failed 01",
      c: "blocked 01",
      "hand-off": "blocked 01",
    });
    expect(await standings(one, two)).toMatchObject({
      a: "skipped 01",
      b: "succeeded 02",
      c: "in-flight 02",
    });
    expect(await standings(one, two, three)).toEqual({
      a: "skipped 01",
      b: "succeeded 02",
      c: "in-flight 02",
      "hand-off": "succeeded 03",
    });
  });

  it("lose nothing to one that was stopped before it came to a step", async () => {
    const one = { run: first, events: [...ran(a, success), started(b), handedOver(success)] };
    const stopped = [ended(a, cancelled), ended(b, blocked), ended(c, cancelled), handedOver(cancelled)];
    expect(await standings(one, { run: second, resumes: first, events: stopped })).toEqual({
      a: "succeeded 01",
      b: "in-flight 01",
      c: "cancelled 01",
      "hand-off": "succeeded 01",
    });
  });

  it("have left what the first one never came to, as one that is killed writes nothing of it", async () => {
    expect(await standings({ run: first, events: [...ran(a, success), started(b)] })).toEqual({
      a: "succeeded 01",
      b: "in-flight 01",
      ...neverBegun,
    });
  });

  it("count as not done what was done again and failed, or was interrupted", async () => {
    const one = { run: first, events: [...ran(a, success), ...ran(b, success)] };
    const two = { run: second, resumes: first, events: [...ran(a, failure), ...ran(b, cancelled)] };
    expect(await standings(one, two)).toEqual({ a: "failed 02", b: "cancelled 02", ...neverBegun });
  });

  it("count as not done what waited for its next try when its run was killed, whatever was before", async () => {
    const retrying: RolloutEvent = {
      ...{ type: "step-retrying", step: a, reason: "the connection was refused", afterMs: 1 },
      failure: { kind: "exit", exitCode: 1, lastLines: [] },
    };
    const one = { run: first, events: ran(a, success) };
    const two = { run: second, resumes: first, events: [started(a), retrying] };
    expect(await standings({ run: first, events: two.events })).toMatchObject({ a: "cancelled 01" });
    expect(await standings(one, two)).toMatchObject({ a: "cancelled 02" });
  });

  it("count as not handed over what was handed over again and failed", async () => {
    const one = { run: first, events: [handedOver(success)] };
    const two = { run: second, resumes: first, events: [handedOver(failure)] };
    expect((await standings(one, two))["hand-off"]).toBe("failed 02");
  });

  it("name the run that looked at what had changed since", async () => {
    const changed = plan([{ ...a, releases: ["a/other"] }, b, c]);
    const one = { run: first, events: ran(a, success) };
    const two = { run: second, resumes: first, plan: changed, events: [ended(a, skipped("no change"))] };
    expect(await standings(one, two)).toEqual({ a: "skipped 02", b: "cancelled 01", ...neverBegun });
  });

  it("name the run that found it done, where the one before had failed", async () => {
    const one = { run: first, events: ran(a, failure) };
    const two = { run: second, resumes: first, events: [ended(a, skipped("done"))] };
    expect(await standings(one, two)).toMatchObject({ a: "skipped 02" });
  });

  it("do without an earlier one that cannot be read, and say so", async () => {
    const two = { run: second, resumes: first, events: ran(b, success) };
    const chain = await chainOf(second, loader(two));
    expect(chain.ok && chain.value.steps.get("a")?.outcome).toMatchObject({ kind: "cancelled" });
    expect(chain.ok && chain.value.warnings).toEqual([
      {
        severity: "warning",
        code: "run-unreadable",
        message: `what succeeded in ${first} is not known and is done again: no ${first}`,
      },
    ]);
    expect((await chainOf(first, loader(two))).ok).toBe(false);
  });

  it("are refused where they go in a circle, or on and on", async () => {
    const circle = await chainOf(
      second,
      loader({ run: first, resumes: second }, { run: second, resumes: first }),
    );
    expect(circle).toMatchObject({
      failure: [{ message: `the runs resume each other in a circle: ${second} → ${first} → ${second}` }],
    });
    const nameOf = (at: number) => `eqiad-20261005T000000Z-${at}`;
    const many = Array.from({ length: 101 }, (_, at) => ({ run: nameOf(at), resumes: nameOf(at + 1) }));
    expect(await chainOf(nameOf(0), loader(...many))).toMatchObject({
      failure: [{ message: "more than 100 runs resume one another" }],
    });
  });
});
