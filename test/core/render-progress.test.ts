import { describe, expect, it } from "vitest";
import type { Plan, Stage, Step } from "../../src/core/plan/plan.ts";
import type { RolloutEvent } from "../../src/core/rollout/events.ts";
import type { StepFailure, StepOutcome } from "../../src/core/rollout/outcome.ts";
import { ProgressView, type ShownRollout } from "../../src/core/view/progress-view.ts";
import { renderProgress } from "../../src/core/view/render-progress.ts";
import { plan, step } from "../support/plan.ts";
import { durationsOf } from "../support/random-plan.ts";

const succeeded: StepOutcome = { kind: "succeeded", durationMs: 1 };
const failed: StepOutcome = {
  kind: "failed",
  durationMs: 600_000,
  failure: { kind: "exit", exitCode: 1, lastLines: ["Error: context deadline exceeded"] },
};

/** A view, and a clock in seconds that the test sets. */
function watch(what: Plan, overrides: Partial<ShownRollout> = {}) {
  const view = new ProgressView({ plan: what, settled: new Map(), ...overrides });
  let now = 0;
  const on = (event: RolloutEvent) => view.on(event, now);
  on({ type: "rollout-started", plan: what, jobs: 8 });
  const find = (id: string): Step => what.steps.find((one) => one.id === id) ?? step(id);
  const stageOf = (name: string): Stage =>
    what.stages.find((one) => one.name === name) ?? { name, gate: "none", steps: [] };
  return {
    view,
    on,
    at: (seconds: number) => {
      now = seconds * 1000;
    },
    start: (id: string) => on({ type: "step-started", step: find(id), attempt: 1 }),
    end: (id: string, outcome = succeeded) => on({ type: "step-finished", step: find(id), outcome }),
    print: (id: string, line: string) => on({ type: "step-printed", step: find(id), line }),
    find,
    stageOf,
    frame: (columns = 80, rows = 30) =>
      `\n${renderProgress(view, { columns, rows, nowMs: now }).join("\n")}\n`,
  };
}

const gate = { id: "support/mw-web", stage: "support", namespace: "mw-web", steps: ["mw-web/prometheus"] };
const ids = ["mw-cron/prometheus", "mw-web/prometheus", "shop/prometheus"];
const rest = ["toolhub", "thumbor", "kartotherian", "citoid"];

/** Four stages: one that has ended, one that goes on, one that is to come, and a command. */
const small = plan(
  [
    step("mw-mcrouter", [], { stage: "daemonsets" }),
    ...ids.map((id) => step(id, ["mw-mcrouter"], { stage: "support" })),
    ...rest.map((id) => step(id, ["mw-mcrouter"])),
  ],
  {
    gates: [gate],
    stages: [
      { name: "daemonsets", gate: "wait" },
      { name: "support", gate: "wait" },
      { name: "rest", gate: "none" },
      { name: "mediawiki", gate: "none", run: ["scap", "sync-world", "--k8s-only"] },
    ],
  },
);

const expected = {
  durations: durationsOf([...ids, ...rest].map((id) => [id, 45_000])),
  runs: 3,
  schedule: { jobs: 2 },
};

/** In the midst of things: something of everything. */
function inTheMidst(overrides: Partial<ShownRollout> = {}) {
  const watched = watch(small, overrides);
  const { on, at, start, end, print, find } = watched;
  start("mw-mcrouter");
  at(20);
  end("mw-mcrouter");
  for (const id of ids) start(id);
  print(
    "mw-cron/prometheus",
    "\u001b[32mUpgrading release=prometheus, chart=wmf-stable/statsd-exporter\u001b[0m",
  );
  at(52);
  end("mw-web/prometheus", failed);
  on({
    type: "step-finished",
    step: find("kartotherian"),
    outcome: { kind: "blocked", on: ["a"], reason: "mw-web/prometheus failed" },
  });
  on({
    type: "step-finished",
    step: find("citoid"),
    outcome: { kind: "blocked", on: ["a"], reason: "mw-web/prometheus failed" },
  });
  on({
    type: "step-noticed",
    step: find("shop/prometheus"),
    evidence: { kind: "crashed", subject: "pod shop/main-1", message: "CrashLoopBackOff" },
  });
  start("toolhub");
  at(60);
  return watched;
}

describe("a rollout in the midst of things", () => {
  it("shows stages, what runs with its last line, and what is in the way", () => {
    expect(inTheMidst({ forecast: expected }).frame()).toMatchInlineSnapshot(`
      "
      ───────────────────────────────────────────────────────────────────────────────
      restore of eqiad: 1 of 8 steps, 1 failed, 2 blocked
      1 min 0 s, about 1 min left
      ✔ daemonsets  1 of 1
      > support     0 of 3, 2 running, 1 failed
      > rest        0 of 4, 1 running, 2 blocked
        mediawiki   scap sync-world --k8s-only
      running 3:
        mw-cron/prometheus  40 s of 45 s  Upgrading release=prometheus, chart=wmf-st…
        toolhub             8 s of 45 s
      ! shop/prometheus     40 s of 45 s  pod shop/main-1: CrashLoopBackOff
      ✖ mw-web/prometheus: exit code 1: Error: context deadline exceeded
      ! blocked: kartotherian, citoid (mw-web/prometheus failed)
      "
    `);
  });

  it("goes into forty columns", () => {
    expect(inTheMidst({ forecast: expected }).frame(40)).toMatchInlineSnapshot(`
      "
      ───────────────────────────────────────
      1 of 8 steps, 1 failed, 2 blocked
      1 min 0 s, about 1 min left
      ✔ daemonsets  1 of 1
      > support     0 of 3, 2 running, 1 fai…
      > rest        0 of 4, 1 running, 2 blo…
        mediawiki   scap sync-world --k8s-on…
      running 3:
        mw-cron/promethe…  40 s of 45 s
        toolhub            8 s of 45 s
      ! shop/prometheus    40 s of 45 s
      ✖ mw-web/prometheus: exit code 1: Erro…
      ! blocked: kartotherian, citoid (mw-we…
      "
    `);
  });

  it("says nothing of times where no earlier run is known", () => {
    expect(inTheMidst().frame()).toMatchInlineSnapshot(`
      "
      ───────────────────────────────────────────────────────────────────────────────
      restore of eqiad: 1 of 8 steps, 1 failed, 2 blocked; 1 min 0 s
      ✔ daemonsets  1 of 1
      > support     0 of 3, 2 running, 1 failed
      > rest        0 of 4, 1 running, 2 blocked
        mediawiki   scap sync-world --k8s-only
      running 3:
        mw-cron/prometheus  40 s  Upgrading release=prometheus, chart=wmf-stable/sta…
        toolhub             8 s
      ! shop/prometheus     40 s  pod shop/main-1: CrashLoopBackOff
      ✖ mw-web/prometheus: exit code 1: Error: context deadline exceeded
      ! blocked: kartotherian, citoid (mw-web/prometheus failed)
      "
    `);
  });

  it.each([12, 8, 5, 2])("goes into %i rows", (rows) => {
    expect(inTheMidst({ forecast: expected }).frame(80, rows)).toMatchSnapshot();
  });
});

it("a stage of which nothing runs is marked by the worst that became of it, and its command by how it ended", () => {
  const names = ["done", "skipped", "left", "half", "failed", "blocked", "cancelled"];
  const of = (name: string) => [
    step(`${name}/1`, [], { stage: name }),
    step(`${name}/2`, [], { stage: name }),
  ];
  const commands = ["succeeded", "skipped", "failed", "blocked", "cancelled"] as const;
  const { on, end, stageOf, frame } = watch(
    plan(names.flatMap(of), {
      stages: [
        ...names.map((name) => ({ name, gate: "none" as const })),
        ...commands.map((kind) => ({ name: `scap-${kind}`, gate: "none" as const, run: ["scap", "do"] })),
      ],
    }),
  );
  const ends: Readonly<Record<(typeof commands)[number], StepOutcome>> = {
    succeeded,
    failed,
    skipped: { kind: "skipped", reason: "no change" },
    blocked: { kind: "blocked", on: [], reason: "the gate stayed shut" },
    cancelled: { kind: "cancelled", reason: "interrupted" },
  };
  for (const id of ["done/1", "done/2", "skipped/1", "half/1", "failed/1", "blocked/1", "cancelled/1"])
    end(id);
  end("skipped/2", ends.skipped);
  end("failed/2", failed);
  end("blocked/2", ends.blocked);
  end("cancelled/2", ends.cancelled);
  for (const kind of commands)
    on({ type: "command-finished", stage: stageOf(`scap-${kind}`), outcome: ends[kind] });
  expect(frame(80, 60)).toMatchInlineSnapshot(`
    "
    ───────────────────────────────────────────────────────────────────────────────
    restore of eqiad: 8 of 14 steps, 1 failed, 1 blocked, 1 cancelled; 0 s
    ✔ done            2 of 2
    ✔ skipped         2 of 2
      left            0 of 2
      half            1 of 2
    ✖ failed          1 of 2, 1 failed
    ! blocked         1 of 2, 1 blocked
    ! cancelled       1 of 2, 1 cancelled
    ✔ scap-succeeded  succeeded: scap do
    ✔ scap-skipped    skipped: scap do
    ✖ scap-failed     failed: scap do
    ! scap-blocked    blocked: scap do
    ! scap-cancelled  cancelled: scap do
    ✖ failed/2: exit code 1: Error: context deadline exceeded
    ✖ scap-failed: exit code 1: Error: context deadline exceeded
    ! blocked: blocked/2, scap-blocked (the gate stayed shut)
    ! cancelled: cancelled/2, scap-cancelled (interrupted)
    "
  `);
});

it("a failure is told by what caused it, and what kept the next try from beginning comes behind that", () => {
  const failure = { kind: "exit", exitCode: 1, lastLines: ["Error: EOF"] } as const;
  const notTriedAgain = "main is pending-install";
  const shown = (more: Pick<StepFailure, "evidence" | "notTriedAgain">): string | undefined => {
    const { end, frame } = watch(small);
    end("toolhub", { kind: "failed", durationMs: 1, failure: { ...failure, ...more } });
    return /^✖ toolhub: (.*)$/m.exec(frame())?.[1];
  };
  expect(shown({ notTriedAgain })).toBe("exit code 1: Error: EOF; not tried again: main is pending-install");
  expect(shown({ evidence: ["main: reads X", "  to do: deploy it"], notTriedAgain })).toBe(
    "main: reads X; not tried again: main is pending-install",
  );
});

describe("more stages than there is room for", () => {
  const names = [...Array(12).keys()].map((at) => `stage-${at + 1}`);
  const many = plan(names.map((name) => step(`${name}/main`, [], { stage: name })));

  it.each<[string, number, number]>([
    ["nothing is begun", 0, 14],
    ["the second one runs", 1, 20],
    ["the ninth one runs", 8, 20],
    ["the last one runs", 11, 20],
    ["the last one runs, and there is room for one more", 11, 9],
    ["the last one runs, and there is room for no other", 11, 8],
  ])("are counted but for those around the one that runs: %s", (_, running, rows) => {
    const watched = watch(many);
    for (const name of names.slice(0, running)) watched.end(`${name}/main`);
    if (running > 0) watched.start(`${names[running]}/main`);
    expect(watched.frame(80, rows)).toMatchSnapshot();
  });
});

it("what becomes of the first line where the screen is narrower than it, by the column", () => {
  const first = (columns: number) => watch(small).frame(columns).split("\n").slice(2, 4);
  const [where, times] = ["restore of eqiad: 0 of 8 steps", "0 s"];
  // The last column is never written to.
  const both = `${where}; ${times}`;
  expect(first(both.length + 1)[0]).toBe(both);
  expect(first(both.length)).toEqual([where, times]);
  expect(first(where.length + 1)).toEqual([where, times]);
  expect(first(where.length)).toEqual(["0 of 8 steps", times]);
});

it("nothing is shown where there is no screen", () => {
  const { frame } = watch(small);
  expect([frame(0, 30), frame(1, 30), frame(80, 0)]).toEqual(["\n\n", "\n\n", "\n\n"]);
});

it("a step says what it last printed, what was seen of it, or what mends a release of it", () => {
  const { on, start, find, print, frame } = watch(small);
  const running = () => /\nrunning 1:\n(.*)\n/.exec(frame())?.[1];
  start("toolhub");
  on({
    ...{ type: "release-mending", step: find("toolhub"), release: "toolhub/main" },
    ...{ status: "pending-upgrade", command: ["helm", "rollback", "main"] },
  });
  expect(running()).toBe("  toolhub   0 s  helm rollback main");
  print("toolhub", "Upgrading release=main");
  print("toolhub", " ");
  expect(running()).toBe("  toolhub   0 s  Upgrading release=main");
  on({
    ...{ type: "step-noticed", step: find("toolhub") },
    evidence: { kind: "waiting", subject: "pod toolhub/main-1", message: "Pending" },
  });
  expect(running()).toBe("! toolhub   0 s  pod toolhub/main-1: Pending");
  print("toolhub", "still here");
  expect(running()).toBe("! toolhub   0 s  still here");
});

it("a gate that is waited for says why, and is gone when it is open", () => {
  const { on, at, frame } = watch(small);
  on({
    type: "gate-waiting",
    gate,
    reason: "Service mw-web/statsd-exporter-prometheus has no cluster IP yet",
  });
  at(3);
  expect(frame()).toMatchInlineSnapshot(`
    "
    ───────────────────────────────────────────────────────────────────────────────
    restore of eqiad: 0 of 8 steps; 3 s
      daemonsets  0 of 1
      support     0 of 3
      rest        0 of 4
      mediawiki   scap sync-world --k8s-only
    waiting 1:
      gate support/mw-web: Service mw-web/statsd-exporter-prometheus has no cluste…
    "
  `);
  on({ type: "gate-opened", gate, reason: "1 Service is there" });
  expect(frame()).not.toContain("waiting");
  on({ type: "gate-stayed-shut", gate, reason: "mw-web/prometheus failed" });
  expect(frame()).toContain("! gate support/mw-web stays shut: mw-web/prometheus failed");
});

it("a gate that is waited for once more is not shown as shut, nor a command that runs again as failed", () => {
  const command = { name: "mediawiki", gate: "none" as const, steps: [], run: ["scap", "sync-world"] };
  const { on, frame, view } = watch(
    plan([step("a")], { gates: [gate], stages: [{ name: "rest", gate: "none" }] }),
  );
  on({ type: "gate-stayed-shut", gate, reason: "nothing answers" });
  on({ type: "command-finished", stage: command, outcome: failed });
  expect(frame()).toContain("stays shut: nothing answers");
  on({ type: "gate-waiting", gate, reason: "looked at again" });
  on({ type: "command-started", stage: command, command: command.run });
  expect(frame()).not.toMatch(/stays shut|deadline exceeded/);
  expect([...view.waitingGates.keys()]).toEqual([gate.id]);
});

it("a step that is tried again is counted down, and then runs in a place like any other", () => {
  const { on, at, start, find, frame } = watch(small);
  start("toolhub");
  if (failed.kind !== "failed") throw new Error("it failed");
  const { failure } = failed;
  on({ type: "step-retrying", step: find("toolhub"), failure, reason: "the server is busy", afterMs: 9_000 });
  at(2);
  expect(frame()).toContain("waiting 1:\n  toolhub: tried again in 7 s, as the server is busy\n");
  at(11);
  expect(frame()).toContain("  toolhub: tried again as soon as there is room, as the server is busy\n");
  // With little room it is the first of what waits that is told.
  on({ type: "gate-waiting", gate, reason: "nothing answers" });
  expect(frame(80, 8).split("\n").slice(-2)).toEqual(["waiting 2: gate support/mw-web: nothing answers", ""]);
  on({ type: "gate-opened", gate, reason: "1 Service is there" });
  start("toolhub");
  expect(frame()).not.toContain("waiting");
  expect(frame()).toContain("running 1:\n  toolhub   0 s\n");
});

it("what runs keeps its line until it ends, and the next one takes it", () => {
  const { start, end, frame } = watch(small);
  const running = () =>
    /\nrunning.*/s
      .exec(frame())?.[0]
      .match(/^ {2}\S+/gm)
      ?.map((id) => id.trim());
  for (const id of ids) start(id);
  end("mw-cron/prometheus");
  start("toolhub");
  expect(running()).toEqual(["toolhub", "mw-web/prometheus", "shop/prometheus"]);
  end("mw-web/prometheus");
  expect(running()).toEqual(["toolhub", "shop/prometheus"]);
});

it("what the cluster shows of a failure says more than helm's words", () => {
  const { start, end, frame } = watch(small);
  start("toolhub");
  const evidence = ["toolhub/main: reads A_SERVICE_HOST, and toolhub has no Service a", "  to do: deploy a"];
  if (failed.kind !== "failed") throw new Error("it failed");
  end("toolhub", { ...failed, failure: { ...failed.failure, evidence } });
  expect(frame(100)).toContain(
    "✖ toolhub: toolhub/main: reads A_SERVICE_HOST, and toolhub has no Service a\n",
  );
});

it("the command of a stage runs as a step does, and says how it ended", () => {
  const { on, at, stageOf, frame } = watch(small);
  const stage = stageOf("mediawiki");
  on({ type: "command-started", stage, command: stage.run ?? [] });
  on({ type: "command-printed", stage, line: "Started sync-canaries-k8s" });
  at(70);
  expect(frame()).toContain("> mediawiki   scap sync-world --k8s-only\n");
  expect(frame()).toContain("running 1:\n  mediawiki  1 min 10 s  Started sync-canaries-k8s\n");
  on({ type: "command-finished", stage, outcome: succeeded });
  expect(frame()).toContain("✔ mediawiki   succeeded: scap sync-world --k8s-only\n");
});

it("what takes longer than expected is no part of it", () => {
  const { at, frame } = inTheMidst({ forecast: expected });
  at(106);
  expect(frame()).toMatch(/^ {2}toolhub +54 s, expected 45 s$/m);
  expect(frame()).toMatch(/shop\/prometheus +1 min 26 s, expected 45 s {2}pod shop/);
});

it("a rollout that is stopped says so, and guesses no time", () => {
  const { view, on, find, frame } = inTheMidst({ forecast: expected });
  expect(view.timeLeft(60_000)).toBeGreaterThan(0);
  on({ type: "rollout-stopping", reason: "interrupted", running: [find("toolhub")] });
  expect(frame()).toContain("\n1 min 0 s, stopping: interrupted\n");
});

it("steps that an earlier run has done are done from the beginning", () => {
  const { frame } = watch(small, { settled: new Map([["mw-mcrouter", succeeded]]) });
  expect(frame()).toContain("restore of eqiad: 1 of 8 steps; 0 s\n");
  expect(frame()).toContain("✔ daemonsets  1 of 1\n");
});

describe("500 steps, 32 at a time, of which many fail", () => {
  const many = plan(
    [...Array(500).keys()].map((at) =>
      step(`namespace-${at}/production`, [], { stage: at < 100 ? "priority" : "rest" }),
    ),
  );
  const watched = watch(many);
  for (let at = 0; at < 300; at += 1) {
    watched.at(at);
    watched.start(`namespace-${at}/production`);
    if (at < 32) continue;
    const ended = `namespace-${at - 32}/production`;
    watched.end(ended, at % 10 === 0 ? failed : succeeded);
  }
  const reason = "namespace-8/production failed";
  for (let at = 400; at < 440; at += 1)
    watched.end(`namespace-${at}/production`, { kind: "blocked", on: [], reason });

  it("take no more room than there is", () => {
    expect(watched.frame(100, 40)).toMatchInlineSnapshot(`
      "
      ───────────────────────────────────────────────────────────────────────────────────────────────────
      restore of eqiad: 242 of 500 steps, 26 failed, 40 blocked; 4 min 59 s
      ✖ priority   90 of 100, 10 failed
      > rest      152 of 400, 32 running, 16 failed, 40 blocked
      running 32:
        namespace-268/production  31 s
        namespace-269/production  30 s
        namespace-270/production  29 s
        namespace-271/production  28 s
        namespace-272/production  27 s
        namespace-273/production  26 s
        namespace-274/production  25 s
        namespace-275/production  24 s
        namespace-276/production  23 s
        namespace-277/production  22 s
        namespace-278/production  21 s
        namespace-279/production  20 s
        namespace-280/production  19 s
        namespace-281/production  18 s
        namespace-282/production  17 s
        namespace-283/production  16 s
        and 16 more
      ✖ namespace-228/production: exit code 1: Error: context deadline exceeded
      ✖ namespace-238/production: exit code 1: Error: context deadline exceeded
      ✖ namespace-248/production: exit code 1: Error: context deadline exceeded
      ✖ namespace-258/production: exit code 1: Error: context deadline exceeded
      ! blocked: namespace-400/production, namespace-401/production, namespace-402/production, namespace…
        and 22 more
      "
    `);
  });

  it("take little where there is little", () => {
    expect(watched.frame(60, 15)).toMatchInlineSnapshot(`
      "
      ───────────────────────────────────────────────────────────
      restore of eqiad: 242 of 500 steps, 26 failed, 40 blocked
      4 min 59 s
      > rest      152 of 400, 32 running, 16 failed, 40 blocked
      running 32: namespace-297/production, namespace-298/produc…
      ✖ namespace-228/production: exit code 1: Error: context de…
      ✖ namespace-238/production: exit code 1: Error: context de…
      ✖ namespace-248/production: exit code 1: Error: context de…
      ✖ namespace-258/production: exit code 1: Error: context de…
      ! blocked: namespace-400/production, namespace-401/product…
        and 22 more
      "
    `);
  });
});

it("a name or a line with wide characters, tabs and escapes is cut where the screen ends", () => {
  const { start, print, frame } = watch(plan([step("維基百科/正式版"), step("b")]));
  start("維基百科/正式版");
  start("b");
  print("維基百科/正式版", "升級\t發行版\u001b[2J\u0007 完成了嗎？還沒有，請再等一下");
  expect(frame(48)).toMatchInlineSnapshot(`
    "
    ───────────────────────────────────────────────
    restore of eqiad: 0 of 2 steps; 0 s
    > rest  0 of 2, 2 running
    running 2:
      維基百科/正式版  0 s  升級 發行版  完成了嗎…
      b                0 s
    "
  `);
});
