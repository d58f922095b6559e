import { describe, expect, it } from "vitest";
import {
  type ReleaseStanding,
  releaseStanding,
  standingIn,
} from "../../src/core/cluster/release-standing.ts";
import { fail, ok } from "../../src/core/common/result.ts";
import { chainOf } from "../../src/core/journal/run-chain.ts";
import { planResume, releasesInFlight } from "../../src/core/journal/run-resume.ts";
import type { Plan, Stage, Step } from "../../src/core/plan/plan.ts";
import type { RolloutEvent } from "../../src/core/rollout/events.ts";
import { plan, step } from "../support/plan.ts";
import { journalOf } from "./support/journal-text.ts";

const run = "eqiad-20261005T110000Z-42";
const done = { kind: "skipped", reason: `done in ${run}` };

interface Before {
  readonly plan: Plan;
  readonly events: readonly RolloutEvent[];
  readonly revisions?: Readonly<Record<string, number>>;
  readonly halfDone?: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
}

async function chain(before: Before) {
  const found = await chainOf(run, async () => ok(journalOf(before.events, before)));
  if (!found.ok) throw new Error(found.failure.map(({ message }) => message).join("\n"));
  return found.value;
}

async function resume(
  before: Before,
  statuses: Record<string, ReleaseStanding> = {},
  now: Plan = before.plan,
  files: Readonly<Record<string, string>> = {},
) {
  const { settled, commands, lookedAt } = planResume({
    plan: now,
    state: await chain(before),
    files: new Map(Object.entries(files)),
    statuses: new Map(Object.entries(statuses)),
  });
  return { settled: Object.fromEntries(settled), commands: Object.fromEntries(commands), lookedAt };
}

const succeeded = (one: Step): RolloutEvent => ({
  type: "step-finished",
  step: one,
  outcome: { kind: "succeeded", durationMs: 1 },
});
const started = (one: Step): RolloutEvent => ({ type: "step-started", step: one, attempt: 1 });
const mending = (one: Step, release: string): RolloutEvent => ({
  ...{ type: "release-mending", step: one, attempt: 1, release, status: "pending-upgrade" },
  command: ["helm", "rollback"],
});
const deployed = (revision: number): ReleaseStanding => ({ kind: "deployed", revision });

describe("a step that an earlier run finished", () => {
  const before = { plan: plan([step("a"), step("b")]), events: [succeeded(step("a"))] };

  it("is not run again, nor looked at, whatever it waits for now", async () => {
    const now = plan([step("b"), step("a", ["b"], { stage: "late" })]);
    expect(await resume(before)).toEqual({ settled: { a: done }, commands: {}, lookedAt: [] });
    expect(await resume(before, {}, now)).toEqual({ settled: { a: done }, commands: {}, lookedAt: [] });
  });

  it.each<[string, Partial<Step>]>([
    ["releases", { releases: ["a/main", "a/more"] }],
    ["arguments", { args: ["--file", "/srv/other", "sync"] }],
    ["cluster", { kubeconfig: "/etc/other" }],
  ])("is run again where it has other %s by now", async (_, changed) => {
    expect((await resume(before, {}, plan([step("a", [], changed)]))).settled).toEqual({});
  });

  it("is run again where its service has other files by now, as far as that is known", async () => {
    const { service } = step("a");
    const known = { ...before, files: { [service]: "1" } };
    expect((await resume(known, {}, before.plan, { [service]: "2" })).settled).toEqual({});
    for (const files of [{ [service]: "1" }, {}])
      expect((await resume(known, {}, before.plan, files)).settled).toEqual({ a: done });
    expect((await resume(before, {}, before.plan, { [service]: "2" })).settled).toEqual({ a: done });
  });

  it("is no matter where it is not in the plan any more", async () => {
    expect((await resume(before, {}, plan([step("b")]))).settled).toEqual({});
  });
});

describe("a step that was in flight", () => {
  const two = step("a", [], { releases: ["ns/x", "ns/y"] });
  const install = { plan: plan([two]), events: [started(two)] };
  const upgrade = { ...two, action: "apply" as const };
  const upgraded = { plan: plan([upgrade]), events: [started(upgrade)] };

  it("has its releases looked up, each once", async () => {
    const other = step("b", [], { releases: ["ns/y", "ns/z"] });
    const before = {
      plan: plan([two, other, step("c")]),
      events: [started(two), started(other), started(step("c")), succeeded(step("c"))],
    };
    expect(releasesInFlight(await chain(before), before.plan)).toEqual(["ns/x", "ns/y", "ns/z"]);
  });

  it.each<[string, Before, Record<string, ReleaseStanding>, string]>([
    [
      "installed all of its releases",
      install,
      { "ns/x": deployed(1), "ns/y": deployed(1) },
      "ns/x is deployed, revision 1, ns/y is deployed, revision 1; counts as done",
    ],
    [
      "upgraded all of its releases",
      { ...upgraded, revisions: { "ns/x": 4, "ns/y": 0 } },
      { "ns/x": deployed(5), "ns/y": deployed(1) },
      "ns/x is deployed, revision 5, ns/y is deployed, revision 1; counts as done",
    ],
  ])("is not run again where it %s", async (_, before, statuses, line) => {
    expect(await resume(before, statuses)).toEqual({
      settled: { a: done },
      commands: {},
      lookedAt: [`a was running when ${run} ended; ${line}`],
    });
  });

  const removing = { ...two, removesReleases: true };
  const empty = { ...two, releases: [] };
  it.each<[string, Before, Record<string, ReleaseStanding>, string]>([
    [
      "left one pending",
      install,
      { "ns/x": deployed(1), "ns/y": { kind: "pending", status: "pending-install" } },
      "ns/x is deployed, revision 1, ns/y is pending-install; is not done",
    ],
    [
      "did not come to one",
      install,
      { "ns/x": { kind: "other", status: "failed" }, "ns/y": { kind: "absent" } },
      "ns/x is failed, ns/y is not there; is run again",
    ],
    [
      "cannot be looked at",
      install,
      { "ns/x": { kind: "unknown", reason: "forbidden" } },
      "ns/x could not be looked up (forbidden), ns/y could not be looked up (nobody looked); is run again",
    ],
    [
      "had not begun to upgrade one",
      { ...upgraded, revisions: { "ns/x": 4, "ns/y": 4 } },
      { "ns/x": deployed(5), "ns/y": deployed(4) },
      "ns/x is deployed, revision 5, ns/y is deployed, revision 4; is run again: ns/y is as it was before",
    ],
    [
      "may have rolled one back",
      { ...upgraded, revisions: { "ns/x": 4, "ns/y": 4 } },
      { "ns/x": deployed(5), "ns/y": deployed(6) },
      "ns/x is deployed, revision 5, ns/y is deployed, revision 6; is run again: ns/y may have been taken back since",
    ],
    [
      "installed one that has other revisions since",
      install,
      { "ns/x": deployed(1), "ns/y": deployed(2) },
      "ns/x is deployed, revision 1, ns/y is deployed, revision 2; is run again: ns/y may have been taken back since",
    ],
    [
      "began with one that was half done, and may have been rolled back",
      { ...upgraded, revisions: { "ns/x": 4, "ns/y": 4 }, halfDone: ["ns/y"] },
      { "ns/x": deployed(5), "ns/y": deployed(5) },
      "ns/x is deployed, revision 5, ns/y is deployed, revision 5; is run again: ns/y was half done, and may have been taken back",
    ],
    [
      "had one mended",
      {
        ...upgraded,
        events: [started(upgrade), mending(upgrade, "ns/y")],
        revisions: { "ns/x": 4, "ns/y": 4 },
      },
      { "ns/x": deployed(5), "ns/y": deployed(5) },
      "ns/x is deployed, revision 5, ns/y is deployed, revision 5; is run again: ns/y was half done, and may have been taken back",
    ],
    [
      "may have found them as they are",
      upgraded,
      { "ns/x": deployed(5), "ns/y": deployed(4) },
      "ns/x is deployed, revision 5, ns/y is deployed, revision 4; is run again: whether ns/x was so before is not known",
    ],
    [
      "may not have removed what it removes",
      { plan: plan([removing]), events: [started(removing)] },
      { "ns/x": deployed(1), "ns/y": deployed(1) },
      "ns/x is deployed, revision 1, ns/y is deployed, revision 1; is run again: whether it removed what it removes is not known",
    ],
    [
      "has no release to tell by",
      { plan: plan([empty]), events: [started(empty)] },
      {},
      "is run again: it names no release to look at",
    ],
  ])("is run again where it %s", async (_, before, statuses, line) => {
    expect(await resume(before, statuses)).toEqual({
      settled: {},
      commands: {},
      lookedAt: [`a was running when ${run} ended; ${line}`],
    });
  });

  it("is run again where it would do something else now", async () => {
    const now = plan([{ ...two, releases: ["ns/x"] }]);
    expect(await resume(install, { "ns/x": deployed(1) }, now)).toMatchObject({
      settled: {},
      lookedAt: [
        `a was running when ${run} ended; ns/x is deployed, revision 1; is run again: it has changed since`,
      ],
    });
  });
});

describe("the command of a stage", () => {
  const handOff = (command: string) =>
    plan([step("a")], {
      stages: [
        { name: "rest", gate: "none" },
        { name: "hand-off", gate: "none", run: [command], steps: [] },
      ],
    });
  const before = handOff("scap");
  const stage = before.stages[1] as Stage;
  const ended = (kind: "succeeded" | "skipped"): RolloutEvent => ({
    type: "command-finished",
    stage,
    outcome: kind === "succeeded" ? { kind, durationMs: 1 } : { kind, reason: "not wanted" },
  });

  it("is not run again where it succeeded, unless it is another now", async () => {
    expect((await resume({ plan: before, events: [ended("succeeded")] })).commands).toEqual({
      "hand-off": done,
    });
    const other = await resume({ plan: before, events: [ended("succeeded")] }, {}, handOff("other"));
    expect(other.commands).toEqual({});
  });

  it("is run again where it was in flight, and told; or where nobody wanted it then", async () => {
    const begun: RolloutEvent = { type: "command-started", stage, command: ["scap"] };
    expect(await resume({ plan: before, events: [begun] })).toEqual({
      settled: {},
      commands: {},
      lookedAt: [`the command of stage hand-off was running when ${run} ended; it is run again`],
    });
    expect((await resume({ plan: before, events: [ended("skipped")] })).commands).toEqual({});
  });
});

it.each([
  ["deployed", { kind: "deployed", revision: 3 }],
  ["pending-upgrade", { kind: "pending", status: "pending-upgrade" }],
  ["failed", { kind: "other", status: "failed" }],
  ["uninstalled", { kind: "absent" }],
])("helm's word %s tells where a release stands", (status, standing) => {
  expect(releaseStanding({ namespace: "ns", name: "x", status, revision: 3 })).toEqual(standing);
});

it("what a command did is no matter where its stage has none any more", async () => {
  const stages = [{ name: "hand-off", gate: "none" as const, run: ["scap"], steps: [] }];
  const before = plan([], { stages });
  const [stage = { name: "", gate: "none", steps: [] }] = before.stages;
  const begun: RolloutEvent = { type: "command-started", stage, command: ["scap"] };
  const now = plan([], { stages: [{ name: "hand-off", gate: "none" }] });
  expect(await resume({ plan: before, events: [begun] }, {}, now)).toEqual({
    ...{ settled: {}, commands: {}, lookedAt: [] },
  });
});

it("where a release stands is found in what was read of its namespace, and not known where that could not be", () => {
  const read = ok([
    { namespace: "ns", name: "y", status: "failed", revision: 2 },
    { namespace: "ns", name: "x", status: "deployed", revision: 3 },
  ]);
  expect(standingIn(read, "ns/x")).toEqual({ kind: "deployed", revision: 3 });
  expect(standingIn(read, "ns/z")).toEqual({ kind: "absent" });
  const failure = { kind: "forbidden", message: "403 for list secrets" } as const;
  expect(standingIn(fail(failure), "ns/x")).toEqual({ kind: "unknown", reason: "403 for list secrets" });
  expect(standingIn(undefined, "ns/x")).toEqual({ kind: "unknown", reason: "nobody looked" });
});

it("a release without a record is absent", () => {
  expect(releaseStanding(undefined)).toEqual({ kind: "absent" });
});
