import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { assemblePlan } from "../../src/core/plan/assemble-plan.ts";
import type { Plan } from "../../src/core/plan/plan.ts";
import { parseRegistry } from "../../src/core/registry/registry-parse.ts";
import { parseInventory } from "../../src/core/tree/inventory.ts";
import { renderStart } from "../../src/core/view/render-start.ts";
import { plan, step } from "../support/plan.ts";

/** The full restore of the real eqiad, by the real registry. */
async function eqiad(exclude: readonly string[]): Promise<Plan> {
  const registry = parseRegistry({ file: "registry.yaml", text: await readFile("registry.yaml", "utf8") });
  const file = "fixtures/inventories/services-eqiad.json";
  const tree = parseInventory({ file, text: await readFile(file, "utf8") });
  if (!registry.ok || !tree.ok) throw new Error("the fixtures are not valid");
  const answer = assemblePlan(tree.value, registry.value, {
    ...{ mode: "restore", servicesDir: "/srv/deployment-charts/helmfile.d/services" },
    selection: { service: [], exclude, priority: [] },
  });
  if (!answer.plan) throw new Error("no plan");
  return answer.plan;
}

const facts = {
  cluster: [
    "cluster: https://kubemaster.svc.eqiad.wmnet:6443, Kubernetes 1.31.4",
    "nodes: 203 nodes, 203 ready; wiped",
  ],
  expected: [
    "expected to take 24 min 10 s, questions aside, by the durations of 3 earlier runs; 12 steps guessed",
    "critical path, 6 min 2 s: mw-mcrouter, eventgate-main/canary, eventgate-main/production",
  ],
  skipGates: [],
};

/** Rows of a terminal of 80 columns. */
function rowsOf(text: string): number {
  return text.split("\n").reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / 80)), 0);
}

describe("what is shown before the first question", () => {
  it("of the real eqiad", async () => {
    const screen = renderStart(await eqiad(["cirrus-streaming-updater"]), facts);
    expect(`\n${screen}\n`).toMatchInlineSnapshot(`
      "
      restore of the cluster eqiad:
        cluster: https://kubemaster.svc.eqiad.wmnet:6443, Kubernetes 1.31.4
        nodes: 203 nodes, 203 ready; wiped
        expected to take 24 min 10 s, questions aside, by the durations of 3 earlier runs; 12 steps guessed
        critical path, 6 min 2 s: mw-mcrouter, eventgate-main/canary, eventgate-main/production
        daemonsets  1 release in 1 step, then a gate
        support     14 releases in 14 steps, then a gate
        priority    4 releases in 4 steps
        rest        85 releases in 50 steps
        mediawiki   hands 29 releases and mw-script/* to scap sync-world --k8s-only -Dbuild_mw_container_image:False -Dk8s_clusters:eqiad
        left out: 20 releases (not installed in eqiad)
        left out: cirrus-streaming-updater (excluded by --exclude cirrus-streaming-updater; could not be read)
      "
    `);
    // An empty line above, and the question below.
    expect(rowsOf(screen)).toBeLessThanOrEqual(22);
  });

  it("of the real eqiad with something unreadable and gates that are gone past", async () => {
    const screen = renderStart(await eqiad([]), { ...facts, skipGates: ["daemonsets", "mediawiki"] });
    expect(screen).toMatch(/^ {2}daemonsets .*, then a gate, which is skipped \(--skip-gate\)$/m);
    expect(screen).toMatch(/^ {2}mediawiki .*\(in any case: --skip-gate\)$/m);
    expect(screen).toMatch(/^ {2}could not be read: cirrus-streaming-updater: .*…$/m);
    expect(rowsOf(screen)).toBeLessThanOrEqual(22);
  });

  it("however many reasons and unreadable services there are, it stays a screen", () => {
    const shown: Plan = {
      ...plan([step("a", [], { action: "apply" })]),
      excluded: [...Array(60).keys()].map((at) => ({
        release: `n/${at}`,
        class: "other",
        reason: at < 10 ? "not installed in eqiad" : `reason ${at % 20}`,
      })),
      unreadable: [...Array(9).keys()].map((at) => ({ service: `s${at}`, message: "m ".repeat(200) })),
      excludedUnreadable: [...Array(4).keys()].map((at) => {
        return { service: `t${at}`, reason: "excluded by --exclude t*", message: "m" };
      }),
    };
    const screen = renderStart(shown, { cluster: [], expected: [], skipGates: [] });
    expect(screen).toMatchInlineSnapshot(`
      "restore of the cluster eqiad:
        rest  1 release in 1 step
        exists already, and is applied: a; all else is synced
        left out: 10 releases (not installed in eqiad)
        left out: n/10, n/30, n/50 (reason 10)
        left out: n/11, n/31, n/51 (reason 11)
        left out: n/12, n/32, n/52 (reason 12)
        left out: n/13, n/33, n/53 (reason 13)
        left out: 38 more releases, for 16 other reasons
        left out: 4 services (excluded by --exclude t*; could not be read)
        could not be read: s0: m m m m m m m m m m m m m m m m m m m m m m m m m m m…
        could not be read: s1: m m m m m m m m m m m m m m m m m m m m m m m m m m m…
        could not be read: s2, s3, s4, s5 and 3 more"
    `);
  });
});
