import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { comment, label } from "../../src/core/plan/mermaid.ts";
import { renderPlanMermaid } from "../../src/core/plan/render-plan-mermaid.ts";
import { hostile } from "../support/hostile-journal.ts";
import { largePlan } from "../support/large-run.ts";
import { plan, step } from "../support/plan.ts";
import { randomRollouts } from "../support/random-plan.ts";

/** The lines that a chart may have: what Mermaid 11 reads of its grammar, and no more. */
const line =
  /^(?:%% [^{}%]*|flowchart LR| {2}subgraph [sx]\d*\["[^"]*"\]| {4}direction LR| {2}end| {4}[nex][\d_]+\["[^"]*"\](?::::excluded)?| {4}c\d+\[\["[^"]*"\]\]:::command| {2}g\d+\{\{"[^"]*"\}\}:::gate| {2}[nsgc][\d_]+ --> [nsgc][\d_]+| {2}classDef [a-z]+ [a-z-]+:[\da-z ]+)$/;

function faultsOf(chart: string): string[] {
  return chart.split("\n").filter((text) => !line.test(text));
}

const countOf = (chart: string, part: string) => chart.split(part).length - 1;

describe("a plan as a flowchart", () => {
  it("has its stages, steps, gates, command, and what is left out", () => {
    const small = {
      ...plan(
        [
          step("net", [], { stage: "daemonsets" }),
          step("web/exporter", ["net"], { stage: "support", gates: ["daemonsets"] }),
          step("shop/exporter", ["net"], { stage: "support", gates: ["daemonsets"] }),
          step("web/canary", ["net", "web/exporter"], { stage: "web", gates: ["daemonsets", "support:web"] }),
          step("web/main", ["net", "web/exporter", "web/canary"], {
            ...{ stage: "web", gates: ["daemonsets", "support:web"], releases: ["web/main", "web/next"] },
          }),
        ],
        {
          gates: [
            { id: "daemonsets", stage: "daemonsets", steps: ["net"] },
            { id: "support:web", stage: "support", namespace: "web", steps: ["web/exporter"] },
          ],
          stages: [
            { name: "daemonsets", gate: "wait" },
            { name: "support", gate: "wait" },
            { name: "web", gate: "none" },
            { name: "hand-off", gate: "none", run: ["sync", "a b"], runAfter: ["support:web"] },
          ],
        },
      ),
      excluded: [{ release: "old/main", class: "other", reason: "not installed in eqiad" }],
      excludedUnreadable: [{ service: "torn", reason: "excluded by --exclude torn", message: "no value" }],
    };
    expect(renderPlanMermaid(small)).toMatchInlineSnapshot(`
      "%% restore of eqiad: 5 steps in 4 stages
      flowchart LR
        subgraph s0["daemonsets"]
          direction LR
          n0_0["net"]
        end
        subgraph s1["support"]
          direction LR
          n1_0["web/exporter"]
          n1_1["shop/exporter"]
        end
        subgraph s2["web"]
          direction LR
          n2_0["web/canary"]
          n2_1["web/main, 2 releases"]
        end
        subgraph s3["hand-off"]
          direction LR
          c3[["sync #39;a b#39;"]]:::command
        end
        g0{{"gate daemonsets"}}:::gate
        g1{{"gate support in web"}}:::gate
        subgraph x["left out"]
          direction LR
          x0["old/main: not installed in eqiad"]:::excluded
          x1["torn: excluded by --exclude torn#59; could not be read"]:::excluded
        end
        n0_0 --> g0
        n1_0 --> g1
        n2_0 --> n2_1
        g0 --> s1
        g0 --> s2
        g1 --> s2
        g1 --> c3
        classDef gate stroke-width:2px
        classDef command stroke-width:3px
        classDef excluded stroke-dasharray:4 3"
    `);
  });

  it("is by each step for 150 of them", () => {
    const chart = renderPlanMermaid(largePlan(152));
    expect(faultsOf(chart)).toEqual([]);
    expect(countOf(chart, "    n")).toBe(152);
  });

  it("puts together what is alike where it would be more than Mermaid draws by default, and says so", () => {
    const chart = renderPlanMermaid(largePlan(2000));
    expect(faultsOf(chart)).toEqual([]);
    expect(chart.split("\n")[1]).toBe("%% more than Mermaid draws by default: steps of a stage are one box");
    expect(chart.length).toBeLessThan(50_000);
    expect(countOf(chart, " --> ")).toBeLessThanOrEqual(500);
    expect(chart).toContain('["500 steps"]');
    // The gates of a stage are one arrow between stages, and none leads from a stage to itself.
    expect(chart).not.toContain(":::gate");
    expect(chart).not.toMatch(/^ {2}(\w+) --> \1$/m);
    const many = largePlan(3200);
    const fewGates = {
      ...many,
      gates: [],
      steps: many.steps.map((one) => ({ ...one, after: [], gates: [] })),
    };
    const byNamespace = renderPlanMermaid({
      ...fewGates,
      steps: fewGates.steps.map((one, at) => ({ ...one, releases: [`team-${at % 20}/${at}`] })),
    });
    expect(byNamespace.split("\n")[1]).toContain("steps of a namespace are one box");
    expect(byNamespace).toContain('["team-3: 40 steps"]');
  });

  it("is by each step up to the very number of arrows that Mermaid draws", () => {
    const chain = (length: number) =>
      plan(Array.from({ length }, (_, at) => step(`s${at}`, at === 0 ? [] : [`s${at - 1}`])));
    expect(countOf(renderPlanMermaid(chain(501)), " --> ")).toBe(500);
    expect(renderPlanMermaid(chain(502)).split("\n")[1]).toContain("more than Mermaid draws");
  });

  it("holds whatever names hold as text", () => {
    const named = plan(
      hostile.map((word) => step(word, [], { stage: word, releases: [`${word}/x`] })),
      { stages: hostile.map((name) => ({ name, gate: "none", run: [name] })) },
    );
    const chart = renderPlanMermaid({ ...named, environment: "%%{init: {}}%%\nend" });
    expect(faultsOf(chart)).toEqual([]);
  });

  it("leads from each step to what waits for it, through gates, stages and others", () => {
    fc.assert(
      fc.property(randomRollouts, ({ plan: drawn }) => {
        const chart = renderPlanMermaid(drawn);
        expect(faultsOf(chart)).toEqual([]);
        const reach = reachOf(chart);
        for (const { id, after } of drawn.steps)
          for (const other of after) expect(reach(other), `${other} before ${id}`).toContain(id);
      }),
    );
  });
});

/** Which steps can be come to from a step, by the arrows; an arrow to or from a stage is one of all in it. */
function reachOf(chart: string): (id: string) => ReadonlySet<string> {
  const names = new Map<string, string>();
  const inside = new Map<string, string[]>();
  const next = new Map<string, string[]>();
  let stage = "";
  for (const text of chart.split("\n")) {
    stage = /^ {2}subgraph (\w+)/.exec(text)?.[1] ?? stage;
    const [, node, name] = /^ {4}(n\w+)\["([^",]*)/.exec(text) ?? [];
    if (node !== undefined && name !== undefined) {
      names.set(node, name);
      inside.set(stage, [...(inside.get(stage) ?? []), node]);
    }
    const [, from = "", to = ""] = /^ {2}(\w+) --> (\w+)$/.exec(text) ?? [];
    if (from === "") continue;
    for (const begin of inside.get(from) ?? [from])
      next.set(begin, [...(next.get(begin) ?? []), ...(inside.get(to) ?? [to])]);
  }
  return (id) => {
    const first = [...names].find(([, name]) => name === id)?.[0] ?? "";
    const found = new Set(next.get(first));
    for (const node of found) for (const other of next.get(node) ?? []) found.add(other);
    return new Set([...found].flatMap((node) => names.get(node) ?? []));
  };
}

it("a label is one line without anything that ends it, and a comment no directive", () => {
  expect(label('a"b\n`c` #d;')).toBe('"a#34;b #96;c#96; #35;d#59;"');
  expect(label("")).toBe('" "');
  expect(label("x".repeat(100))).toBe(`"${"x".repeat(79)}#8230;"`);
  expect(comment("%%{init: {}}%%\nend")).toBe("%% init: end");
});
