import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { renderDiagnostics } from "../../src/core/common/diagnostic.ts";
import { releaseId, type Tree } from "../../src/core/common/release.ts";
import {
  type Elsewhere,
  type ExplainContext,
  type Explanation,
  explain,
} from "../../src/core/explain/explain.ts";
import { findSubject } from "../../src/core/explain/explained-subject.ts";
import { renderElsewhere, renderExplanation } from "../../src/core/explain/render-explanation.ts";
import { assemblePlan } from "../../src/core/plan/assemble-plan.ts";
import type { PlanOptions } from "../../src/core/plan/plan-options.ts";
import { classify } from "../../src/core/registry/classify.ts";
import type { Registry } from "../../src/core/registry/registry.ts";
import { parseRegistry } from "../../src/core/registry/registry-parse.ts";
import { parseInventory } from "../../src/core/tree/inventory.ts";
import { registry } from "../support/registry.ts";
import { exporter, mediawiki, release, tree } from "../support/tree.ts";

const wikimedia = parseRegistry({ file: "registry.yaml", text: readFileSync("registry.yaml", "utf8") });
const inventory = parseInventory({
  file: "eqiad.json",
  text: readFileSync("fixtures/inventories/services-eqiad.json", "utf8"),
});
if (!wikimedia.ok || !inventory.ok) throw new Error("the fixtures cannot be read");
const real = { registry: wikimedia.value, tree: inventory.value };

interface World {
  readonly registry: Registry;
  readonly tree: Tree;
}

function explained(word: string, world: World, options: Partial<PlanOptions> = {}): Explanation[] {
  const { plan, diagnostics } = assemblePlan(world.tree, world.registry, {
    ...{ mode: "restore", servicesDir: "/srv/services" },
    ...options,
  });
  const context: ExplainContext = {
    tree: world.tree,
    classified: classify(world.tree, world.registry).releases.map((one) => ({
      ...{ service: one.release.service, release: one.release.id },
      ...{ class: one.class, reason: one.reason },
    })),
    plan: plan ? { ok: true, value: plan } : { ok: false, failure: renderDiagnostics(diagnostics) },
  };
  const subject = findSubject(word, world.tree);
  if (subject.kind !== "releases") throw new Error(`${word} is ${subject.kind}`);
  return subject.releases.map((one) => explain(one, context));
}

function text(word: string, world: World, options: Partial<PlanOptions> = {}): string {
  const about = { environment: world.tree.environment, mode: options.mode ?? "restore" };
  return explained(word, world, options)
    .map((one) => renderExplanation(one, about))
    .join("\n\n");
}

describe("an explanation", () => {
  it("of eqiad's releases is as a person reads it", async () => {
    const subjects = [
      "mw-cron/prometheus",
      "mw-web/main",
      "mw-mcrouter",
      "eventgate-main",
      "apertium/staging",
    ];
    const all = subjects.map((word) => text(word, real));
    for (const word of ["mw-web/main", "mw-web/next", "mw-web/canary", "mw-cron/main"])
      all.push(text(word, real, { withMediawiki: true }));
    await expect(`${all.join("\n\n\n")}\n`).toMatchFileSnapshot("__snapshots__/explanations-eqiad.txt");
  });

  it("of a release that helmfile orders within its step names the needs, from both sides", () => {
    const world = {
      registry: registry('stages:\n  - { name: all, services: ["*"] }'),
      tree: tree([release("shop/db"), release("shop/web", { needs: [releaseId("shop", "db")] })]),
    };
    const [db, web] = explained("shop", world);
    const because = [{ text: '"needs" of shop/web, which helmfile keeps within the step' }];
    expect(db).toMatchObject({
      fate: { kind: "deployed", step: "shop", together: ["shop/web"] },
      waitsFor: [],
      waitedForBy: [{ kind: "release", name: "shop/web", direct: true, because }],
    });
    expect(web).toMatchObject({
      waitsFor: [{ kind: "release", name: "shop/db", direct: true, because }],
      waitedForBy: [],
    });
    expect(text("shop/db", world)).toContain(
      "  stage: all (1 of 1)\n  together with: shop/web (one helmfile, as a whole service)\n",
    );
  });

  it("of a release that does not belong here names a step only if that removes it", () => {
    const shop = [release("shop/db"), release("shop/web"), release("shop/old", { installed: false })];
    const stages = 'stages:\n  - { name: all, services: ["*"] }';
    const other = [release("tools/main"), release("tools/old", { installed: false })];
    const world = { registry: registry(stages), tree: tree([...other, ...shop]) };
    expect(explained("shop/old", world)).toMatchObject([{ fate: { kind: "excluded", removedBy: "shop" } }]);
    const ordered = registry(`namespaces:\n  shop:\n    sequence: [db, web]\n${stages}`);
    const [old] = explained("shop/old", { ...world, registry: ordered });
    expect(old?.fate).toEqual({ kind: "excluded", reason: expect.any(String), wouldBeIncluded: [] });
  });

  it.each<[string, Elsewhere | undefined]>([
    ["", undefined],
    ["", { environments: [], by: "reading" }],
    ["; it belongs to codfw, eqiad", { environments: ["codfw", "eqiad"], by: "reading" }],
    ["; its helmfile names codfw", { environments: ["codfw"], by: "helmfile" }],
  ])("says where else it belongs to: %j", (words, elsewhere) => {
    expect(renderElsewhere(elsewhere)).toBe(words);
  });

  it("of a release that needs one of another step names the need, and what is waited for through it", () => {
    const needs = (name: string) => ({ needs: [releaseId("mw-x", name)] });
    const world = {
      registry: registry(
        'rules:\n  - match: { chart: mediawiki }\n    class: mediawiki\nstages:\n  - { name: all, services: ["*"] }',
      ),
      tree: tree([
        release("mw-x/main", mediawiki),
        release("mw-x/next", { ...mediawiki, ...needs("main") }),
        release("mw-x/last", { ...mediawiki, ...needs("next") }),
      ]),
    };
    const [last] = explained("mw-x/last", world, { withMediawiki: true });
    expect(last?.waitsFor).toEqual([
      { kind: "step", name: "mw-x/next", direct: true, because: [{ text: "mw-x/last needs mw-x/next" }] },
      { kind: "step", name: "mw-x/main", direct: true, because: [{ text: "mw-x/last needs mw-x/main" }] },
    ]);
  });

  it("of a release that nothing classifies says so where no plan can be made, and why there is none", () => {
    const world = {
      registry: registry(
        'namespaces:\n  mw-web:\n    mediawiki: [main]\nstages:\n  - { name: all, services: ["*"] }',
      ),
      tree: tree([release("mw-web/main", mediawiki), release("mw-web/stray", exporter)]),
    };
    const [stray] = explained("mw-web/stray", world);
    expect(stray).toMatchObject({
      class: "unclassified",
      fate: {
        kind: "unplanned",
        reason: expect.stringContaining("mw-web/stray (chart wmf-stable/statsd-exporter)"),
      },
      commands: [],
    });
  });

  it("does not depend on the order of the services in the tree", () => {
    const reversed = { ...real, tree: { ...real.tree, services: real.tree.services.toReversed() } };
    expect(text("mw-cron/prometheus", reversed)).toBe(text("mw-cron/prometheus", real));
  });
});

describe("what is named", () => {
  const found = (word: string) => {
    const subject = findSubject(word, real.tree);
    return subject.kind === "releases" ? subject.releases.map(({ id }) => id) : subject;
  };

  it.each<[string, ReturnType<typeof found>]>([
    ["mw-web/prometheus", [releaseId("mw-web", "prometheus")]],
    ["toolhub", [releaseId("toolhub", "main")]],
    ["cirrus-streaming-updater", expect.objectContaining({ kind: "unreadable" })],
    ["cirrus-streaming-updater/producer", expect.objectContaining({ kind: "unreadable" })],
    ["failoid-ng", { kind: "absent", service: "failoid-ng" }],
    ["failoid-ng/main", { kind: "absent", service: "failoid-ng" }],
    ["mw-web/promtheus", { kind: "unknown", hint: "did you mean mw-web/prometheus?" }],
    ["tolhub", { kind: "unknown", hint: "did you mean toolhub?" }],
    ["mw-mcrouter/xyz-elsewhere", { kind: "unknown", hint: "in mw-mcrouter there are mw-mcrouter/main" }],
    ["prometheus", { kind: "unknown", hint: expect.stringMatching(/^say whose: mw-api-ext\/prometheus, /) }],
    ["nothing-like-this-at-all", { kind: "unknown" }],
    ["", { kind: "unknown" }],
  ])("is found: %s", (word, expected) => {
    expect(found(word)).toEqual(expected);
  });

  it("is a release before it is a service whose name has a slash, and a namespace last", () => {
    const releases = [
      release("a/b", { service: "one" }),
      release("a/c", { service: "a/b" }),
      release("two/d", { service: "a" }),
    ];
    const ids = (word: string) => {
      const subject = findSubject(word, tree(releases));
      return subject.kind === "releases" ? subject.releases.map(({ id }) => id) : [];
    };
    expect(ids("a/b")).toEqual(["a/b"]);
    expect(ids("a")).toEqual(["two/d"]);
    expect(ids("two")).toEqual(["two/d"]);
  });

  it("is absent where its helmfile lists nothing", () => {
    const services = [{ name: "empty", helmfile: "empty/helmfile.yaml", releases: [] }];
    expect(findSubject("empty", tree([], { services }))).toEqual({ kind: "absent", service: "empty" });
  });
});
