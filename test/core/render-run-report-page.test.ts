import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Plan, Step } from "../../src/core/plan/plan.ts";
import { renderRunReportPage } from "../../src/core/report/render-run-report-page.ts";
import { clock, tickMs } from "../../src/core/report/report-page-axis.ts";
import type { RunReport } from "../../src/core/report/run-report.ts";
import type { RolloutEvent } from "../../src/core/rollout/events.ts";
import { hostileJournal } from "../support/hostile-journal.ts";
import { plan, step } from "../support/plan.ts";
import { eventfulJournal } from "./support/eventful-run.ts";
import { reportOf, reportOfText } from "./support/reported.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("base64");
const page = () => renderRunReportPage(reportOfText(hostileJournal()), { sha256 });

/** The HTML of a page, in lines to read: without the style, the script and the data that stand in it. */
function bodyOf(report: RunReport): string {
  return `${renderRunReportPage(report, { sha256: () => "digest" })
    .replace(/(<(style|script)[^>]*>)[\s\S]*?(?=<\/\2>)/g, "$1…")
    .replace(
      /(?<!\n)<(?=(?:button|dd|h3|li|line|output|path|pre|rect|span|svg|t[dh]|text|ul)\b)/g,
      "\n  <",
    )}\n`;
}

describe("the HTML of a page", () => {
  it("has all of a run in which a bit of everything happened", async () => {
    const report = reportOfText(eventfulJournal);
    await expect(bodyOf(report)).toMatchFileSnapshot("__snapshots__/report-page-eventful.html");
  });

  it("has no empty parts where nothing happened", async () => {
    const gate = { id: "ready", stage: "rest", steps: ["a"] };
    const [a, b] = [step("a"), step("b", ["a"], { gates: ["ready"] })];
    const what = plan([a, b], {
      gates: [gate],
      stages: [
        { name: "rest", gate: "wait" },
        { name: "hand-off", gate: "none", run: ["scap", "sync-world"] },
      ],
    });
    const [, stage = { name: "", gate: "none", steps: [] }] = what.stages;
    const outcome = { kind: "succeeded", durationMs: 1000 } as const;
    const events: RolloutEvent[] = [
      { type: "rollout-started", plan: what, jobs: 1 },
      { type: "step-started", step: a, attempt: 1 },
      { type: "step-finished", step: a, outcome },
      { type: "gate-opened", gate, reason: "1 step succeeded" },
      { type: "step-started", step: b, attempt: 1 },
      { type: "step-finished", step: b, outcome },
      { type: "command-started", stage, command: ["scap", "sync-world"] },
      { type: "command-finished", stage, outcome },
      {
        type: "rollout-finished",
        result: { outcomes: new Map(), commands: new Map(), durationMs: 5000 },
      },
    ];
    const report = reportOf(events, { plan: what, seconds: [0, 0, 1, 2, 2, 3, 4, 5, 5] });
    await expect(bodyOf(report)).toMatchFileSnapshot("__snapshots__/report-page-complete.html");
  });

  it("says of a run whose journal cannot be read no more than that", async () => {
    await expect(bodyOf(reportOfText("?"))).toMatchFileSnapshot("__snapshots__/report-page-unreadable.html");
  });
});

describe("the page of a report", () => {
  it("holds nothing from outside as markup", () => {
    const text = page();
    const tags = new Set([...text.matchAll(/<\/?([a-z][a-z0-9]*)/gi)].map(([, name]) => name?.toLowerCase()));
    for (const tag of ["img", "iframe", "xss", "object", "a", "link", "base"])
      expect(tags).not.toContain(tag);
    // The data, and the script that is ours.
    expect([...text.matchAll(/<\/?script/g)]).toHaveLength(4);
    expect([...text.matchAll(/[\u202a-\u202e\u2066-\u2069\u2028\u2029]|\p{Cc}/gu)].map(String)).toEqual(
      [...text.matchAll(/\n/g)].map(String),
    );
  });

  it("lets only its own script and style run, by their digests, and asks for nothing else", () => {
    const text = page();
    const [, policy = ""] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(text) ?? [];
    const [, style = ""] = /<style>([\s\S]*?)<\/style>/.exec(text) ?? [];
    const script = text.slice(
      text.lastIndexOf("<script>") + "<script>".length,
      text.lastIndexOf("</script>"),
    );
    expect(policy.replaceAll("&#39;", "'").split("; ")).toEqual([
      "default-src 'none'",
      `style-src 'sha256-${sha256(style)}'`,
      `script-src 'sha256-${sha256(script)}'`,
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    const attributes = [...text.matchAll(/<[a-z][^<>]*>/g)].flatMap(
      ([tag]) => tag.match(/\s[a-z-]+(?==")/g) ?? [],
    );
    const harmful = attributes.filter((name) => /^\s(?:src|href|action|style|on[a-z]+)$/.test(name));
    expect(harmful).toEqual([]);
  });

  it("has a row for every step without its script", () => {
    const report = reportOfText(hostileJournal());
    const rows = [...page().matchAll(/<tr id="s\d+"/g)];
    expect(rows).toHaveLength(report.steps.length);
  });

  it("has the script and style that src/page makes", () => {
    const { status, stderr } = spawnSync(process.execPath, ["scripts/write-page.js", "--check"], {
      encoding: "utf8",
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});

describe("the timeline of a page", () => {
  const shown = (events: readonly RolloutEvent[], what: Plan) =>
    renderRunReportPage(reportOf(events, { plan: what }), { sha256 });
  const begun = (one: Step): RolloutEvent => ({ type: "step-started", step: one, attempt: 1 });
  const blocked = (one: Step, reason = "no"): RolloutEvent => ({
    ...{ type: "step-finished", step: one },
    outcome: { kind: "blocked", on: [], reason },
  });
  const many = (count: number) => Array.from({ length: count }, (_, at) => step(`a${at}`));

  it("keeps namespaces together, by their first begin, then what was not begun as the plan has it", () => {
    const inside = (id: string, namespace: string) => step(id, [], { releases: [`${namespace}/${id}`] });
    const [late, early, z] = [inside("late", "n"), inside("early", "n"), inside("z", "z")];
    const left = [inside("x1", "x"), inside("y1", "y"), inside("x2", "x")];
    const text = shown([begun(early), begun(z), begun(late)], plan([late, ...left, early, z]));
    const rows = [...text.matchAll(/class="namespace">(.*?)<\/td>.*?class="name">(.*?)<\/span>/g)];
    expect(rows.map(([, namespace = "", name]) => `${name}: ${namespace.replace(/<.*?>/g, "·")}`)).toEqual([
      ...["early: n", "late: ·n·", "z: z"],
      ...["x1: x", "x2: ·x·", "y1: y"],
    ]);
  });

  it.each([
    [1, 10],
    [3, 24],
    [40, 283],
    [60, 283],
  ])(
    "draws %i steps side by side at a height of %i: lanes above the fortieth are drawn over it",
    (count, height) => {
      const steps = many(count);
      const later: RolloutEvent = { type: "rollout-stopping", reason: "", running: steps };
      const seconds = [...steps.map(() => 0), 10];
      const report = reportOf([...steps.map(begun), later], { plan: plan(steps), seconds });
      const text = renderRunReportPage(report, { sha256 });
      expect(/viewBox="(.*?)"/.exec(text)?.[1]).toBe(`0 0 1000 ${height}`);
      expect(text.match(/h[\d.]+v5h/g)).toHaveLength(count);
    },
  );

  it("lays its rows out in hundreds, with the head of the stage among them", () => {
    const text = shown([], plan(many(250)));
    const bodies = [...text.matchAll(/<tbody role="rowgroup"( class="full")?>(.*?)<\/tbody>/gs)];
    expect(bodies.map(([, full, rows = ""]) => [full !== undefined, rows.match(/<tr/g)?.length])).toEqual([
      ...[
        [true, 100],
        [true, 100],
        [false, 51],
      ],
    ]);
  });

  it("names eight of what was held back for one reason, and counts the others", () => {
    const [eight, nine] = [many(8), many(9)];
    expect(
      shown(
        eight.map((one) => blocked(one)),
        plan(eight),
      ),
    ).toContain("</b> a0, a1, a2, a3, a4, a5, a6, a7 <");
    expect(
      shown(
        nine.map((one) => blocked(one)),
        plan(nine),
      ),
    ).toContain("</b> a0, a1, a2, a3, a4, a5, a6, a7, 1 more <");
  });
});

it.each([
  [0, "0:00"],
  [59_499, "0:59"],
  [59_500, "1:00"],
  [754_000, "12:34"],
  [3_600_000, "1:00:00"],
  [3_723_000, "1:02:03"],
  [90_061_000, "25:01:01"],
])("%i ms after the begin is %s", (ms, words) => {
  expect(clock(ms)).toBe(words);
});

it.each([
  [0, 1],
  [5_000, 1],
  [60_000, 10],
  [739_000, 120],
  [3_600_000, 600],
  [400_000_000, 86_400],
  [4_000_000_000, 518_400],
])("the axis of a run of %i ms has a tick every %i s", (durationMs, seconds) => {
  expect(tickMs(durationMs)).toBe(seconds * 1000);
});
