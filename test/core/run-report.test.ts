import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Evidence } from "../../src/core/evidence/evidence.ts";
import { fixPendingNote } from "../../src/core/journal/resume-command.ts";
import type { Step } from "../../src/core/plan/plan.ts";
import { renderRunReport } from "../../src/core/report/render-run-report.ts";
import { renderRunReportMarkdown } from "../../src/core/report/render-run-report-markdown.ts";
import { renderRunReportPage } from "../../src/core/report/render-run-report-page.ts";
import { type RunReport, runReportSchema } from "../../src/core/report/run-report.ts";
import type { RunLife } from "../../src/core/report/run-standing.ts";
import type { RolloutEvent } from "../../src/core/rollout/events.ts";
import type { StepFailure, StepOutcome } from "../../src/core/rollout/outcome.ts";
import { interruptedWhileItRan } from "../../src/core/rollout/outcome-reasons.ts";
import { hostileJournal } from "../support/hostile-journal.ts";
import { largeJournal } from "../support/large-run.ts";
import { plan, step } from "../support/plan.ts";
import { runs } from "../support/runs.ts";
import { troubledRestore } from "../support/troubled-restore.ts";
import { eventfulJournal } from "./support/eventful-run.ts";
import { anyEvent, smallPlan } from "./support/journal-events.ts";
import { header, journalText } from "./support/journal-text.ts";
import { reportOf, reportOfText } from "./support/reported.ts";

const [a, b] = [step("a"), step("b", ["a"])];
const two = plan([a, b]);
const succeeded = { kind: "succeeded", durationMs: 1000 } as const;
const begun = (of = a, attempt = 1): RolloutEvent => ({ type: "step-started", step: of, attempt });
const ended = (of = a, failure?: StepFailure): RolloutEvent => ({
  type: "step-finished",
  step: of,
  outcome: failure ? { kind: "failed", durationMs: 1000, failure } : succeeded,
});
const killed: StepFailure = { kind: "signal", signal: "SIGKILL", lastLines: [] };
const cancelled = (reason: string): RolloutEvent => ({
  type: "step-finished",
  step: a,
  outcome: { kind: "cancelled", reason },
});
const started: RolloutEvent = { type: "rollout-started", plan: two, jobs: 2 };
const finished: RolloutEvent = {
  type: "rollout-finished",
  result: { outcomes: new Map(), commands: new Map(), durationMs: 1 },
};

/** Every way to show a report. */
function renderAll(report: RunReport): string[] {
  return [
    renderRunReport(report),
    renderRunReportMarkdown(report),
    renderRunReportPage(report, { sha256: () => "digest" }),
  ];
}

describe("the report of a restore in which something failed", () => {
  it("tells people what happened", async () => {
    const report = reportOfText(await troubledRestore());
    await expect(`${renderRunReport(report)}\n`).toMatchFileSnapshot("__snapshots__/run-report.txt");
    await expect(`${renderRunReportMarkdown(report)}\n`).toMatchFileSnapshot("__snapshots__/run-report.md");
  });

  it("tells a bit of everything in few lines", async () => {
    const report = reportOfText(eventfulJournal);
    await expect(`${renderRunReport(report)}\n`).toMatchFileSnapshot("__snapshots__/run-report-eventful.txt");
    await expect(`${renderRunReportMarkdown(report)}\n`).toMatchFileSnapshot(
      "__snapshots__/run-report-eventful.md",
    );
  });

  it("tells programs the same", async () => {
    const report = reportOfText(eventfulJournal);
    expect(runReportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
    const lines = Object.entries(report).flatMap(([key, value]) =>
      Array.isArray(value) && typeof value[0] === "object"
        ? [`${key}:`, ...value.map((one) => `  ${JSON.stringify(one)}`)]
        : [`${key}: ${JSON.stringify(value)}`],
    );
    await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot("__snapshots__/run-report-eventful-data.txt");
  });

  it("is as its schema says", async () => {
    const report = reportOfText(await troubledRestore());
    expect(runReportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
    expect(report.counts).toMatchObject({ succeeded: 93, failed: 2, blocked: 3 });
    expect(report.steps.find(({ id }) => id === "toolhub")?.attempts).toMatchObject([
      { again: "the connection was refused" },
      { again: "the connection was refused" },
      {},
    ]);
  });
});

it("nothing takes less than no time where a journal's own time goes back", () => {
  const text = journalText([started, begun(), ended(), finished], { plan: two });
  const [first, ...rest] = text.split("\n");
  const late = rest.map((line, at) =>
    line.replace(/"elapsedMs":\d+/, `"elapsedMs":${300_000_000_000 - at * 3_600_000}`),
  );
  for (const rendered of renderAll(reportOfText([first, ...late].join("\n"))))
    expect(rendered).not.toMatch(/-\d[\d.]* (s|h|min)\b/);
});

describe("whatever words of a run want to be", () => {
  const report = reportOfText(hostileJournal());

  it("no control character and nothing that turns the direction of writing comes to the terminal", () => {
    const shown = renderRunReport(report) + renderRunReportMarkdown(report);
    expect(shown.replaceAll("\n", "").match(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu)).toBeNull();
  });

  it("they are no markup in Markdown, outside of code", () => {
    const outside = renderRunReportMarkdown(report)
      .replace(/^(`{3,})[a-z]+\n[\s\S]*?\n\1$/gm, "")
      .replace(/(?<![\\`])(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, "");
    expect(outside.match(/(?<!\\)[<>]/g)).toBeNull();
  });
});

it("a service that was left out and could not be read is told among what is not deployed", () => {
  const excludedUnreadable = [
    { service: "torn", reason: "excluded by --exclude torn", message: "no value", exitCode: 1 },
  ];
  const report = reportOf([started], { plan: { ...two, excludedUnreadable } });
  expect(runReportSchema.parse(report)).toEqual(report);
  for (const shown of renderAll(report))
    expect(shown).toMatch(/torn: excluded by (--|\\-\\-)exclude torn; could not be read/);
});

it("the report of a run of 2,000 steps is no longer than a person reads", async () => {
  const report = reportOfText(await largeJournal(2000));
  const text = renderRunReport(report);
  expect(report.counts.failed).toBeGreaterThan(10);
  expect(text).toMatch(/^ {2}… \d+ more$/m);
  expect(text).toMatch(/^ {2}… \d+ more …$/m);
  expect(text.split("\n").length).toBeLessThan(200);
});

describe("where a run stands", () => {
  const events = [started, begun()];

  it.each([
    ["alive", "running", "running: 0 of 2 ended"],
    ["gone", "killed", "killed: 1 in flight"],
    ["unknown", "open", "no end is written down: 0 of 2 ended"],
  ] as const)("is told of one whose process is %s", (life, standing, summary) => {
    const report = reportOf(events, { plan: two, life });
    expect(report).toMatchObject({ standing, summary });
    expect(report.steps.map(({ outcome }) => outcome)).toEqual(["in-flight", "not-begun"]);
    expect(report.missing).toHaveLength(1);
    expect(report.next.resume !== undefined).toBe(standing === "killed");
  });

  const broken = "how it ended: it was killed";
  it.each<[string, RunLife, readonly RolloutEvent[], readonly string[]]>([
    ["still runs", "alive", events, ["it still runs: this is how it stands by its last line"]],
    ["was killed before it began a step", "gone", [started], [broken]],
    ["was killed in a step", "gone", events, [`${broken}, and 1 step in flight may have gone on without it`]],
    [
      "was killed in two",
      "gone",
      [...events, begun(b)],
      [`${broken}, and 2 steps in flight may have gone on without it`],
    ],
    [
      "ran on another host",
      "unknown",
      events,
      ["how it ended: whether it still runs is known only on deploy1003"],
    ],
    [
      "ended, and whose journal lacks the end of one step and all of another",
      "gone",
      [...events, finished],
      ["how 2 steps ended: the journal could not be written for a while"],
    ],
  ])("says what the journal does not of one that %s", (_, life, happened, missing) => {
    expect(reportOf(happened, { plan: two, life }).missing).toEqual(missing);
    const cut = `${journalText(happened, { plan: two })}{"type":"st`;
    const torn = life === "alive" ? "its last line is being written" : "its last line is cut off";
    expect(reportOfText(cut, life).missing).toEqual([torn, ...missing]);
  });

  it("names a command that was blocked by its stage, with the reason", () => {
    const stages = [
      { name: "rest", gate: "none" as const },
      { name: "hand-off", gate: "none" as const, run: ["scap", "sync-world"], steps: [] },
    ];
    const what = plan([a], { stages });
    const [, stage] = what.stages;
    if (!stage) throw new Error("there are two stages");
    const outcome = { kind: "blocked", on: ["a"], reason: "a failed" } as const;
    const told = [begun(), ended(a, killed), { type: "command-finished", stage, outcome } as const, finished];
    expect(renderRunReport(reportOf(told, { plan: what }))).toMatch(/^blocked: hand-off \(a failed\)$/m);
  });

  it("does not say of what waited for its next try that it may have gone on", () => {
    const failure = { kind: "exit", exitCode: 1, lastLines: [] } as const;
    const again: RolloutEvent = { type: "step-retrying", step: a, failure, reason: "x", afterMs: 1 };
    const report = reportOf([started, begun(), again], { plan: two, life: "gone" });
    expect(report.summary).toBe("killed: 1 in flight");
    expect(report.missing).toEqual(["how it ended: it was killed"]);
  });

  const stopping: RolloutEvent = { type: "rollout-stopping", reason: "interrupted", running: [] };
  it.each<[string, RunLife, readonly RolloutEvent[]]>([
    ["complete", "gone", [...events, ended(), begun(b), ended(b), finished]],
    ["failed", "gone", [...events, ended(a, killed), finished]],
    ["interrupted", "gone", [...events, cancelled("interrupted"), stopping, finished]],
  ])("is told with its end of one that is %s", (standing, life, happened) => {
    const text = renderRunReport(reportOf(happened, { plan: two, life }));
    const seconds = happened.length + 1;
    expect(text).toMatch(new RegExp(`^restore of eqiad: ${standing}.*\\n`));
    expect(text).toMatch(new RegExp(`^ {2}took +${seconds}\\.0 s$`, "m"));
    expect(text).toMatch(new RegExp(`^ {2}ended +2026-10-05 11:00:0${seconds} UTC$`, "m"));
  });

  it.each(["alive", "gone", "unknown"] as const)(
    "is told to its last line where its process is %s, and it has no end",
    (life) => {
      const text = renderRunReport(reportOf(events, { plan: two, life }));
      expect(text).toMatch(/^ {2}took +3\.0 s, to its last line$/m);
      expect(text).not.toMatch(/^ {2}ended /m);
    },
  );

  it("is complete with nothing left to type", () => {
    const report = reportOf([...events, ended(), begun(b), ended(b), finished], { plan: two });
    expect(report).toMatchObject({
      standing: "complete",
      summary: "complete",
      missing: [],
      next: { remedies: [] },
    });
    expect(report.next.resume).toBeUndefined();
  });

  it.each([
    ["was in flight", [begun()], true],
    ["was interrupted while it ran", [begun(), cancelled(interruptedWhileItRan), finished], true],
    ["was killed", [begun(), ended(a, killed), finished], true],
    ["was not begun", [cancelled("interrupted"), finished], false],
    ["failed by itself", [begun(), ended(a, { kind: "exit", exitCode: 1, lastLines: [] }), finished], false],
  ] as const)("speaks of --fix-pending where a step %s: %#", (_, then, isTold) => {
    const { next } = reportOf([started, ...then], { plan: two });
    expect(next.remedies).toEqual(isTold ? [fixPendingNote] : []);
    expect(next.resume).toContain("--resume");
  });

  it("names the run that it goes on with, and the one to go on with", () => {
    const earlier = "eqiad-20261005T100000Z-7";
    const skipped: RolloutEvent = {
      type: "step-finished",
      step: a,
      outcome: { kind: "skipped", reason: `done in ${earlier}` },
    };
    const resumed = { resumes: earlier, argv: ["restore", "-e", "eqiad", "--resume", earlier] };
    const report = reportOf([started, skipped, begun(b)], {
      plan: two,
      header: { cwd: "/then", ...resumed },
    });
    expect(renderRunReport(report)).toMatch(
      /^stage +begun after +took +done earlier +in flight\n\S+ .* 1 +1$/m,
    );
    expect(renderRunReportMarkdown(report)).toContain("| done earlier |");
    expect(renderRunReportPage(report, { sha256: () => "digest" })).toContain("1 of 2 (1 earlier)");
    // As programs read it.
    expect(report.counts).toMatchObject({ skipped: 1, "in-flight": 1 });
    expect(report.missing.at(-1)).toBe(`when 1 step ran that an earlier run did: report ${earlier}`);
    expect(report.next.resume).toBe("charlie-mediawiki --resume eqiad-20261005T110000Z-42");
  });
});

it("that of a demo says so in every format, and advises nothing: there is nothing to go on with", () => {
  const noticed: RolloutEvent = {
    type: "step-noticed",
    step: a,
    evidence: { kind: "crashed", subject: "pod shop/a-1", message: "no", remedy: "deploy b" },
  };
  const events = [started, begun(), noticed, cancelled("interrupted"), finished];
  const report = reportOf(events, { plan: two, header: { simulated: true } });
  expect(report).toMatchObject({ simulated: true, next: { remedies: [] } });
  expect(report.next.resume).toBeUndefined();
  const [text = "", markdown = "", page = ""] = renderAll(report);
  expect(text).toMatch(/^simulated restore of eqiad: .*\n.*\n {2}demo +nothing was deployed: /);
  expect(markdown).toMatch(/^# simulated restore of eqiad: .*\n\n.*\n- demo: `nothing was deployed: /);
  expect(page).toContain("<title>simulated restore of eqiad: ");
  expect(page).toContain("<h1>simulated restore of <b>eqiad</b></h1>");
  expect(page).not.toContain("To do");
});

describe("what evidence says is to be done", () => {
  const noticed = (of: Step, remedy?: string): RolloutEvent => ({
    ...{ type: "step-noticed", step: of },
    evidence: { kind: "crashed", subject: "pod x", message: "no", ...(remedy !== undefined && { remedy }) },
  });
  const steps = ["a", "b", "c", "d", "e"].map((id) => step(id));
  const outcomes: readonly (StepOutcome | undefined)[] = [
    { kind: "failed", durationMs: 1, failure: { kind: "exit", exitCode: 1, lastLines: [] } },
    succeeded,
    { kind: "skipped", reason: "not wanted" },
    { kind: "cancelled", reason: "stopped by the operator" },
    undefined,
  ];
  const events = [
    started,
    ...steps.flatMap((one, at): RolloutEvent[] => {
      const outcome = outcomes[at];
      const end: RolloutEvent[] = outcome ? [{ type: "step-finished", step: one, outcome }] : [];
      return [begun(one), noticed(one), noticed(one, `mend ${one.id}`), noticed(one, "add a node"), ...end];
    }),
  ];

  it("is told once, of the steps that are still to do", () => {
    const { next } = reportOf(events, { plan: plan(steps), life: "alive" });
    expect(next).toEqual({ remedies: ["mend a", "add a node", "mend d", "mend e"] });
  });

  it("is told without a command to type while the run goes on", () => {
    const page = renderRunReportPage(reportOf(events, { plan: plan(steps), life: "alive" }), {
      sha256: () => "digest",
    });
    const list = "<ul><li>mend a</li><li>add a node</li><li>mend d</li><li>mend e</li></ul>";
    expect(page).toContain(`<h2 id="to-do">To do</h2>${list}</section>\n`);
    const left = reportOf([started], { plan: two, life: "gone" });
    expect(renderRunReportPage(left, { sha256: () => "digest" })).toMatch(
      /<h2 id="to-do">To do<\/h2><pre tabindex="0">charlie-mediawiki .*?<\/pre><\/section>\n/,
    );
  });
});

describe("a journal that is not whole", () => {
  const sound = journalText([started, begun(), ended(), begun(b)], { plan: two });

  it("may be empty", () => {
    expect(reportOfText("")).toMatchObject({
      run: "eqiad-20261005T110000Z-42",
      standing: "unreadable",
      missing: [expect.stringContaining("this is not the journal of a run")],
    });
  });

  it("may end before its plan", () => {
    const report = reportOfText(`${JSON.stringify(header())}\n`);
    expect(report).toMatchObject({ standing: "unreadable", environment: "eqiad", by: { user: "alice" } });
    expect(report.missing[0]).toContain("the journal ends before its plan");
    expect(report.next).toEqual({ remedies: [] });
    for (const shown of renderAll(report).map((text) => text.replaceAll("\\", "")))
      expect(shown).toContain("run eqiad-20261005T110000Z-42: its journal cannot be read");
  });

  it("is told as far as it is sound, with the lines that are not", () => {
    const lines = sound.split("\n");
    lines[3] = "\u0000\u0000";
    const report = reportOfText(lines.join("\n"));
    expect(report.missing[0]).toContain("this line of the journal is no JSON");
    expect(report.steps.map(({ outcome }) => outcome)).toEqual(["succeeded", "in-flight"]);
  });

  it.each([
    [5, []],
    [6, ["and 1 more such lines"]],
    [8, ["and 3 more such lines"]],
  ])("tells the first five of %i lines that are not sound, and counts the others", (count, more) => {
    const noise = '{"type":"step-started"}\n'.repeat(count);
    const { missing } = reportOfText(`${journalText([], { plan: two })}${noise}`);
    const [file, rest] = ["/state/runs/eqiad-20261005T110000Z-42.ndjson", "how it ended: it was killed"];
    const said = "error: this line of the journal is not what it should be, at step: ";
    expect(missing.map((line) => line.replace(/(?<=, at step: ).*/, ""))).toEqual([
      ...[3, 4, 5, 6, 7].map((line) => `${file}:${line}:1: ${said}`),
      ...[...more, rest],
    ]);
  });

  it("may be cut off in its last line", () => {
    expect(reportOfText(`${sound}{"type":"st`).missing).toContain("its last line is cut off");
  });
});

it("a stage has no end while something of it is in flight", () => {
  const side = plan([step("a"), step("b")]);
  const report = reportOf([started, begun(), begun(step("b")), ended()], { plan: side, life: "gone" });
  expect(report.stages.map(({ fromMs, toMs }) => [fromMs !== undefined, toMs])).toEqual([[true, undefined]]);
});

it("the command to type is whole, however long it is", () => {
  const excluded = Array.from({ length: 400 }, (_, at) => `service-${at}`).join(",");
  const argv = ["restore", "-e", "eqiad", "--exclude", excluded];
  const report = reportOf([started, begun()], { plan: two, life: "gone", header: { argv } });
  // As the folder in which it was begun is not known.
  for (const shown of renderAll(report)) expect(shown).toContain(`${excluded} --resume`);
});

describe("the critical path", () => {
  /** What it says, in the fewest words. */
  const pathOf = ({ criticalPath }: RunReport) =>
    criticalPath.map(({ kind, id, because, waitMs }) => `${kind} ${id} ${because} ${waitMs}`);

  it("goes back over what was waited for", () => {
    const report = reportOf([started, begun(), ended(), begun(b), ended(b), finished], { plan: two });
    // A second for each line: b is begun one second after a has ended.
    expect(pathOf(report)).toEqual(["step a begin 3000", "step b needed 1000"]);
  });

  it("goes over what freed the worker, where nothing needed ended just before", () => {
    const free = plan([step("a"), step("b")]);
    const one: RolloutEvent = { type: "rollout-started", plan: free, jobs: 1 };
    const events = [one, begun(), ended(), begun(b), ended(b)];
    expect(pathOf(reportOf(events, { plan: free }))).toEqual(["step a begin 3000", "step b worker 1000"]);
    const many = [{ ...one, jobs: 5 }, ...events.slice(1)];
    expect(pathOf(reportOf(many, { plan: free }))).toEqual(["step a begin 3000", "step b turn 1000"]);
  });

  it("goes over gates, with the wait for them", () => {
    const gate = { id: "ready", stage: "rest", steps: ["a"] };
    const gated = plan([a, { ...b, gates: ["ready"] }], { gates: [gate] });
    const waiting: RolloutEvent = { type: "gate-waiting", gate, reason: "not yet" };
    const opened: RolloutEvent = { type: "gate-opened", gate, reason: "it is there" };
    const report = reportOf([started, begun(), ended(), waiting, opened, begun(b), ended(b)], {
      plan: gated,
    });
    expect(pathOf(report)).toEqual(["step a begin 3000", "gate ready needed 0", "step b needed 1000"]);
    expect(report.gates).toMatchObject([{ state: "open", fromMs: 4000, toMs: 6000, holds: 1 }]);
  });
});

it("a step counts as ended when it was, not when somebody answered what is to become of it", () => {
  const failure = { kind: "exit", exitCode: 1, lastLines: ["Error: no"] } as const;
  const late: RolloutEvent = {
    type: "step-finished",
    step: a,
    outcome: { kind: "failed", durationMs: 300, failure },
  };
  const report = reportOf([started, begun(), begun(a, 2), late, finished], { plan: two });
  expect(report.steps[0]).toMatchObject({
    fromMs: 3000,
    toMs: 4300,
    workMs: 300,
    attempts: [{ fromMs: 3000 }, {}],
  });
});

it("a failed step is told with the last of what was seen meanwhile, and what is conclusive once", () => {
  const noticed = (message: string, more: Partial<Evidence> = {}): RolloutEvent => ({
    type: "step-noticed",
    step: a,
    evidence: { kind: "crashed", subject: "pod shop/a-1", message, ...more },
  });
  const failure: StepFailure = {
    ...({ kind: "exit", exitCode: 1, lastLines: ["Error: no"] } as const),
    evidence: ["pod shop/a-1: reads X; no restart can mend it"],
  };
  const log = Array.from({ length: 16 }, (_, at) => `line ${at}`);
  const report = reportOf(
    [
      ...[
        started,
        begun(),
        noticed("exits with 137"),
        noticed("its last lines", { kind: "log", lines: log }),
      ],
      noticed("reads X; no restart can mend it", { kind: "missing-variable", conclusive: true }),
      { type: "step-finished", step: a, outcome: { kind: "failed", durationMs: 300, failure } },
      finished,
    ],
    { plan: two },
  );
  const text = renderRunReport(report);
  expect(text.slice(text.indexOf("failed: a"), text.indexOf("\n\ncritical path"))).toMatchInlineSnapshot(`
    "failed: a: exit code 1: Error: no
      pod shop/a-1: reads X; no restart can mend it
      seen in the cluster:
        4.0 s: pod shop/a-1: exits with 137
        5.0 s: pod shop/a-1: its last lines
          …
          | line 11
          | line 12
          | line 13
          | line 14
          | line 15
      | Error: no"
  `);
  const markdown = renderRunReportMarkdown(report);
  expect(
    markdown.slice(markdown.indexOf("## Failed"), markdown.indexOf("## Critical path")),
  ).toMatchInlineSnapshot(`
    "## Failed: a

    exit code 1: Error: no

    \`\`\`text
    pod shop/a-1: reads X; no restart can mend it
    \`\`\`

    Seen in the cluster:

    \`\`\`text
    4.0 s: pod shop/a-1: exits with 137
    5.0 s: pod shop/a-1: its last lines
      …
      | line 11
      | line 12
      | line 13
      | line 14
      | line 15
    \`\`\`

    \`\`\`text
    Error: no
    \`\`\`

    "
  `);
});

it("what is conclusive of an earlier attempt is told as what else was seen: the failure does not hold it", () => {
  const conclusive = (name: string): RolloutEvent => ({
    ...{ type: "step-noticed", step: a },
    evidence: { kind: "missing-variable", subject: "shop/a", message: `reads ${name}`, conclusive: true },
  });
  const told = (evidence: readonly string[]) => {
    const failure = { kind: "exit", exitCode: 1, lastLines: [], evidence } as const;
    const events = [
      started,
      begun(),
      conclusive("X"),
      begun(a, 2),
      conclusive("Y"),
      ended(a, failure),
      finished,
    ];
    const text = renderRunReport(reportOf(events, { plan: two }));
    return /^failed: a.*?\n\n/ms.exec(text)?.[0].trimEnd().split("\n").slice(1);
  };
  expect(told(["shop/a: reads Y"])).toEqual([
    "  shop/a: reads Y",
    "  seen in the cluster:",
    "    4.0 s: shop/a: reads X",
  ]);
  expect(told([])).toEqual([
    "  seen in the cluster:",
    "    4.0 s: shop/a: reads X",
    "    6.0 s: shop/a: reads Y",
  ]);
});

it("what kept the next try from beginning is told beside why the step failed, in every format", () => {
  const failure: StepFailure = {
    ...({ kind: "exit", exitCode: 1, lastLines: ["Error: EOF"] } as const),
    notTriedAgain: "shop/main is pending-install",
  };
  const events = [started, begun(), begun(a, 2), ended(a, failure), finished];
  const [text = "", markdown = "", page = ""] = renderAll(reportOf(events, { plan: two }));
  expect(text).toContain(
    "failed: a (2 attempts): exit code 1: Error: EOF\n  | Error: EOF\n  not tried again: shop/main is pending-install\n",
  );
  expect(markdown).toContain("\n\nnot tried again: shop/main is pending-install\n");
  expect(page).toContain(
    '<h3>Why it was not tried again</h3><pre tabindex="0">shop/main is pending-install</pre>',
  );
});

it("of what was seen for a failed step, the last pieces that go into fifteen lines are told, each whole", () => {
  const noticed = (message: string, lines: readonly string[] = []): RolloutEvent => ({
    ...{ type: "step-noticed", step: a },
    evidence: { kind: "log", subject: "pod", message, lines },
  });
  const seen = (pieces: readonly RolloutEvent[]) => {
    const failed = ended(a, { kind: "exit", exitCode: 1, lastLines: [] });
    const text = renderRunReport(reportOf([started, begun(), ...pieces, failed, finished], { plan: two }));
    return /seen in the cluster:\n(.*?)\n\n/s
      .exec(text)?.[1]
      ?.split("\n")
      .map((line) => line.trim());
  };
  const small = (count: number) => Array.from({ length: count }, (_, at) => noticed(`no ${at}`));
  expect(seen(small(15))).toHaveLength(15);
  expect(seen(small(17))?.slice(0, 2)).toEqual(["… 2 seen before", "6.0 s: pod: no 2"]);
  expect(seen(small(17))).toHaveLength(16);
  const large = noticed("its log", ["1", "2", "3", "4"]);
  expect(seen([large, ...small(10)])?.[0]).toBe("4.0 s: pod: its log");
  expect(seen([large, ...small(11)])?.slice(0, 2)).toEqual(["… 1 seen before", "5.0 s: pod: no 0"]);
});

it("the report of a run in which nothing went wrong is short", () => {
  const report = reportOf([started, begun(), ended(), begun(b), ended(b), finished], { plan: two });
  expect(renderRunReport(report)).toMatchInlineSnapshot(`
    "restore of eqiad: complete
      run           eqiad-20261005T110000Z-42
      by            alice on deploy1003, from 10.64.0.7
      begun         2026-10-05 11:00:00 UTC
      took          7.0 s
      ended         2026-10-05 11:00:07 UTC
      side by side  at most 2 steps
      command       charlie-mediawiki restore -e eqiad
      by way of     charlie-mediawiki 1.2.3, node v20.19.0

    stage           begun after  took   succeeded
    rest   2 steps  3.0 s        3.0 s  2

    critical path: what determined how long it took:
      a  1.0 s  3.0 s later
      b  1.0 s  1.0 s later

    slowest:
      a  1.0 s
      b  1.0 s"
  `);
  expect(renderRunReportMarkdown(report)).toMatchInlineSnapshot(`
    "# restore of eqiad: complete

    - run: \`eqiad-20261005T110000Z-42\`
    - by: \`alice on deploy1003, from 10.64.0.7\`
    - begun: \`2026-10-05 11:00:00 UTC\`
    - took: \`7.0 s\`
    - ended: \`2026-10-05 11:00:07 UTC\`
    - side by side: \`at most 2 steps\`
    - command: \`charlie-mediawiki restore -e eqiad\`
    - by way of: \`charlie-mediawiki 1.2.3, node v20.19.0\`

    ## Stages

    | stage |  | begun after | took | succeeded |
    | --- | --- | --- | --- | --- |
    | rest | 2 steps | 3.0 s | 3.0 s | 2 |

    ## Critical path

    | what determined how long it took | took | begun |
    | --- | --- | --- |
    | a | 1.0 s | 3.0 s later |
    | b | 1.0 s | 1.0 s later |

    ## Slowest

    - \`a\`: 1.0 s
    - \`b\`: 1.0 s"
  `);
});

describe("whatever a journal holds", () => {
  it("is told, from any beginning of it, by every renderer, and never throws", () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 30 }), fc.nat(1000), (events, permille) => {
        const text = journalText(events, { plan: smallPlan });
        const report = reportOfText(text.slice(0, Math.ceil((text.length * permille) / 1000)));
        expect(runReportSchema.safeParse(report).error).toBeUndefined();
        for (const shown of renderAll(report)) expect(shown).not.toBe("");
      }),
      { numRuns: runs(150) },
    );
  });

  it("is told although any of its lines is something else", () => {
    const other = fc.oneof(fc.string(), fc.json(), fc.constant('{"type":"step-started","step":4}'));
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 10 }), fc.nat(12), other, (events, at, line) => {
        const lines = journalText(events, { plan: smallPlan }).split("\n");
        lines.splice(at, 1, line);
        const report = reportOfText(lines.join("\n"));
        expect(runReportSchema.safeParse(report).error).toBeUndefined();
        renderAll(report);
      }),
      { numRuns: runs(150) },
    );
  });

  it("has a critical path without a gap from the begin to what ended last", () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 40 }), (events) => {
        const { criticalPath, durationMs } = reportOf(events, { plan: smallPlan });
        let at = 0;
        for (const part of criticalPath) {
          expect(part.fromMs).toBe(at + part.waitMs);
          expect(part.toMs).toBeGreaterThanOrEqual(part.fromMs);
          at = part.toMs;
        }
        expect(at).toBeLessThanOrEqual(durationMs);
      }),
    );
  });
});
