import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renderDiagnostics } from "../../src/core/common/diagnostic.ts";
import { releaseId, type Tree } from "../../src/core/common/release.ts";
import { renderRunbook } from "../../src/core/explain/runbook.ts";
import type { RunbookFacts } from "../../src/core/explain/runbook-facts.ts";
import { assemblePlan } from "../../src/core/plan/assemble-plan.ts";
import type { Plan, Step } from "../../src/core/plan/plan.ts";
import type { PlanOptions } from "../../src/core/plan/plan-options.ts";
import type { Registry } from "../../src/core/registry/registry.ts";
import { parseRegistry } from "../../src/core/registry/registry-parse.ts";
import { parseInventory } from "../../src/core/tree/inventory.ts";
import { plainBlocks } from "../support/plain-commands.ts";
import { plan as planOf, step } from "../support/plan.ts";
import { registry } from "../support/registry.ts";
import { runs } from "../support/runs.ts";
import { exporter, mediawiki, release, tree } from "../support/tree.ts";

function facts(plan: Plan, overrides: Partial<RunbookFacts> = {}): RunbookFacts {
  return {
    plan,
    command: ["restore", "-e", plan.environment],
    pluginFlags: [],
    needsWipedCluster: true,
    asksBetweenStages: true,
    refusesUnreadable: true,
    hasPreflight: true,
    servicesDir: "/srv/services",
    stageCommands: new Map([["support", ["apply", "-e", plan.environment, "--support-only"]]]),
    environmentOf: ({ kubeconfig }) => ({
      SUPPRESS_SAL: "true",
      ...(kubeconfig === undefined ? {} : { KUBECONFIG: kubeconfig }),
    }),
    withheld: ["RELEASE_NAME", "HELMFILE_ENVIRONMENT"],
    ...overrides,
  };
}

function assembled(ofTree: Tree, by: Registry, options: Partial<PlanOptions> = {}): Plan {
  const { plan, diagnostics } = assemblePlan(ofTree, by, {
    ...{ mode: "restore", servicesDir: "/srv/services" },
    ...options,
  });
  if (!plan) throw new Error(renderDiagnostics(diagnostics));
  return plan;
}

describe("a runbook", () => {
  it("of eqiad is as a person reads it", async () => {
    const by = parseRegistry({ file: "registry.yaml", text: readFileSync("registry.yaml", "utf8") });
    const text = readFileSync("fixtures/inventories/services-eqiad.json", "utf8");
    const eqiad = parseInventory({ file: "eqiad.json", text });
    if (!by.ok || !eqiad.ok) throw new Error("the fixtures cannot be read");
    const runbook = renderRunbook(facts(assembled(eqiad.value, by.value)));
    await expect(`${runbook}\n`).toMatchFileSnapshot("__snapshots__/runbook-eqiad.md");
  });

  const small = tree(
    [
      release("mw-web/canary", { ...mediawiki, kubeconfig: "/etc/kubernetes/mw-web.config" }),
      release("mw-web/main", { ...mediawiki, kubeconfig: "/etc/kubernetes/mw-web.config" }),
      release("mw-web/next", { ...mediawiki, installed: false }),
      release("mw-web/prometheus", { ...exporter, kubeconfig: "/etc/kubernetes/mw-web.config" }),
      release("shop/db"),
      release("shop/web", { needs: [releaseId("shop", "db")] }),
      release("/nowhere", { service: "nowhere" }),
    ],
    { unreadable: [{ service: "broken", message: "line one:\n`x` <b> is *bad*" }] },
  );
  const stages = `
rules:
  - match: { chart: mediawiki }
    class: mediawiki
namespaces:
  mw-web:
    support: [prometheus]
    mediawiki: [canary, main]
services:
  prometheus: { provides: [service/statsd] }
stages:
  - { name: support, class: support, gate: wait }
  - { name: rest, class: other }
  - { name: mediawiki, class: mediawiki, run: [scap, "it's"] }
`;

  it("of a small tree that deploys MediaWiki itself is as a person reads it", async () => {
    const plan = assembled(small, registry(stages), { withMediawiki: true });
    const overrides = { command: ["restore", "-e", "eqiad", "--with-mediawiki"], hasPreflight: false };
    const runbook = renderRunbook(facts(plan, overrides));
    await expect(`${runbook}\n`).toMatchFileSnapshot("__snapshots__/runbook-small.md");
  });

  it("of an apply without gates, on a cluster that is in use, is as a person reads it", async () => {
    const services = ["agents", "shop", "web"];
    const [agents, shop, web] = services.map((id, at) =>
      step(id, at === 2 ? ["shop"] : [], { action: "apply", args: ["--file", `/srv/${id}.yaml`, "apply"] }),
    );
    const steps = [{ ...agents, removesReleases: true }, shop, web, step("late", [], { stage: "late" })];
    const plan: Plan = {
      ...planOf(
        steps.map((one) => ({ ...step("?"), ...one })),
        {
          log: ["dologmsg", "{message}"],
          stages: [
            { name: "rest", gate: "none" },
            { name: "late", gate: "none" },
            { name: "hand-off", gate: "none", run: ["scap", "sync-world"], runDeploys: ["mw-web/main"] },
          ],
        },
      ),
      mode: "apply",
      lockFolder: "/var/lock/charlie",
    };
    const runbook = renderRunbook(
      facts(plan, {
        ...{ command: ["apply", "-e", "eqiad"], needsWipedCluster: false, asksBetweenStages: false },
        ...{ refusesUnreadable: false, environmentOf: () => ({}), pluginFlags: ["--hook", "/srv/a b.js"] },
      }),
    );
    await expect(`${runbook}\n`).toMatchFileSnapshot("__snapshots__/runbook-apply.md");
  });

  it("tells a step that waits for one of another stage without a gate between them", () => {
    const order = "namespaces:\n  shop:\n    sequence: [web, db]\n";
    const cut = "stages:\n  - { name: first, releases: [shop/db] }\n  - { name: second, services: [shop] }\n";
    const shop = tree([release("shop/db"), release("shop/web")]);
    const runbook = renderRunbook(facts(assembled(shop, registry(order + cut))));
    expect(runbook).toContain("- `shop/db` waits for `shop/web` of `second`: do that first.");
  });

  it("holds what comes from outside in such a way that nothing of it is taken for Markdown or for a command", () => {
    const hostile = "`id` $(id) 'x' | ** \n# y";
    const plan = {
      ...planOf([step("a", [], { stage: hostile, args: ["--file", `/srv/${hostile}.yaml`, "sync"] })]),
      excluded: [{ release: "b/c", class: "other", reason: hostile }],
    };
    const runbook = renderRunbook(facts(plan, { servicesDir: hostile, command: ["restore", "-e", hostile] }));
    const outside = runbook.replaceAll(/^(`{3,})sh\n.*?\n\1$/gms, "");
    expect(outside.split("\n").filter((line) => line.startsWith("# "))).toEqual(["# Restore `eqiad`"]);
    expect(outside).toContain("`` `id` $(id) 'x' | ** # y ``");
    expect(outside).toContain("- \\`id\\` $(id) 'x' \\| \\*\\* \\# y (1): `b/c`");
    const [block = ""] = plainBlocks(runbook);
    expect(ran([block])).toEqual([{ environment: " true", args: `--file /srv/${hostile}.yaml sync` }]);
  });

  it("has every command of the plan once, in its environment, and behind what it waits for: by the shell itself", () => {
    const drafts = fc.array(
      fc.record({
        after: fc.array(fc.nat(), { maxLength: 2 }),
        name: fc.constantFrom("main", "canary", "x"),
        isConfigured: fc.boolean(),
      }),
      { minLength: 1, maxLength: 20 },
    );
    fc.assert(
      fc.property(drafts, (steps) => {
        const plan = planOf(
          steps.map(({ after, name, isConfigured }, at) => {
            const service = `s-${at}`;
            return step(`s-${at}`, [...new Set(at === 0 ? [] : after.map((before) => `s-${before % at}`))], {
              stage: at < steps.length / 2 ? "one" : "two",
              args: ["--file", `/srv/${service}/helmfile.yaml`, "-l", `name=${name}`, "sync"],
              ...(isConfigured ? { kubeconfig: `/etc/${service}.config` } : {}),
            });
          }),
        );
        const found = ran(plainBlocks(renderRunbook(facts(plan))));
        const positions = new Map(found.map(({ args }, at) => [args, at]));
        const lineOf = ({ args }: Step) => args.join(" ");
        const expected = plan.steps.map((one) => ({
          environment: `${one.kubeconfig ?? ""} true`,
          args: lineOf(one),
        }));
        const sorted = (lines: typeof expected) =>
          lines.toSorted((one, other) => (one.args < other.args ? -1 : 1));
        expect(sorted(found)).toEqual(sorted(expected));
        for (const one of plan.steps) {
          const own = positions.get(lineOf(one)) ?? -1;
          for (const before of plan.steps.filter(({ id }) => one.after.includes(id)))
            expect(positions.get(lineOf(before))).toBeLessThan(own);
        }
      }),
      { numRuns: runs(60) },
    );
  });
});

/** What these blocks run, by a shell in which helmfile only says what it was given. */
function ran(blocks: readonly string[]): { environment: string; args: string }[] {
  // A command that ends with a zero byte: what it was given may hold line ends.
  const stub =
    'helmfile() { printf "%s %s\\t%s\\0" "$KUBECONFIG" "$SUPPRESS_SAL" "$*"; unset KUBECONFIG SUPPRESS_SAL; }';
  const said = execFileSync("sh", ["-c", [stub, ...blocks].join("\n")], {
    encoding: "utf8",
    env: { PATH: process.env.PATH },
  });
  return said
    .split("\0")
    .slice(0, -1)
    .map((line) => {
      const [environment = "", args = ""] = line.split("\t");
      return { environment, args };
    });
}
