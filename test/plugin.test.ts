import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { renderDiagnostics } from "../src/core/common/diagnostic.ts";
import type { Outcomes } from "../src/core/hooks/hooks.ts";
import type { Plan } from "../src/core/plan/plan.ts";
import createPlugin from "../src/plugin.ts";
import { plan, step } from "./support/plan.ts";
import { mediawiki, release, tree } from "./support/tree.ts";

const text = "version: 1\nrules:\n  - match: { chart: mediawiki }\n    class: mediawiki\n";

async function hooksOf(registryText = text) {
  const { hooks } = await createPlugin({ registry: { file: "registry.yaml", text: registryText } });
  return hooks;
}

describe("the plugin", () => {
  it("tells every fault of its registry and answers nothing then", async () => {
    const made = await createPlugin({ registry: { file: "registry.yaml", text: "version: 2\nrulez: []\n" } });
    expect(made.hooks).toEqual({});
    expect(made.diagnostics?.map(({ place }) => [place?.line, place?.column])).toEqual([
      [1, 10],
      [2, 1],
    ]);
  });

  it("tells what is probably not meant as it is written in its registry, and answers all the same", async () => {
    const registryText = readFileSync("fixtures/registries/valid/misspelled-environment.yaml", "utf8");
    const made = await createPlugin({ registry: { file: "registry.yaml", text: registryText } });
    expect(Object.keys(made.hooks)).toContain("rollout:preflight");
    expect(renderDiagnostics(made.diagnostics ?? [])).toMatchInlineSnapshot(`
      "registry.yaml:4:53: warning: the environment "eqaid" is named nowhere else
        4 |     support: [{ release: prometheus, environments: [eqaid, codfw] }]
          |                                                     ^^^^^
        registry.yaml:5:51: eqiad is named here, and elsewhere
        5 |     mediawiki: [{ release: canary, environments: [eqiad, staging-eqiad] }, main]
          |                                                   ^^^^^
        to do: did you mean eqiad?

      registry.yaml:11:15: warning: the environment "cofdw" is named nowhere else
        11 |             - cofdw
           |               ^^^^^
        registry.yaml:4:60: codfw is named here, and elsewhere
        4 |     support: [{ release: prometheus, environments: [eqaid, codfw] }]
          |                                                            ^^^^^
        to do: did you mean codfw?

      registry.yaml:17:50: warning: the environments of "canary" limit nothing in namespaces.eventgate-main.sequence: its order is the same in every environment
        17 |     sequence: [{ release: canary, environments: [codfw, south, south] }, production]
           |                                                  ^^^^^
        expected: environments in support or mediawiki only, where they say where a release is required
        to do: write only its name: what is not installed in an environment is not waited for there"
    `);
  });

  it("classifies, each release with its reason", async () => {
    const answer = await (await hooksOf())["releases:classify"]?.({
      version: 1,
      tree: tree([release("shop/main", mediawiki)]),
      flags: {},
    });
    expect(answer?.releases).toMatchObject([
      {
        release: "shop/main",
        class: "mediawiki",
        reason: { text: "rule with chart mediawiki (registry.yaml:3:5)" },
      },
    ]);
  });

  it("shows only support releases under its flag", async () => {
    const answer = await (await hooksOf())["releases:classify"]?.({
      version: 1,
      tree: tree([release("shop/main", mediawiki)]),
      flags: { "support-only": true },
    });
    expect(answer?.releases).toEqual([]);
  });

  it("opens a gate when all of its steps are done, and says which are not", async () => {
    const hooks = await hooksOf();
    const what = plan([step("a"), step("b")], { gates: [{ id: "g", stage: "rest", steps: ["a", "b"] }] });
    const judge = (outcomes: Record<string, "succeeded" | "skipped" | "failed">) =>
      hooks["stage:after"]?.({
        version: 1,
        plan: what,
        stage: "rest",
        gate: "g",
        outcomes,
        waitedSeconds: 0,
      });
    expect(await judge({ a: "succeeded", b: "skipped" })).toEqual({
      version: 1,
      open: true,
      reason: "2 steps succeeded",
    });
    expect(await judge({ a: "succeeded", b: "failed" })).toEqual({
      version: 1,
      open: false,
      reason: "b failed",
    });
  });

  it("does not check the cluster where the host hands it nothing to look with", async () => {
    const check = (await hooksOf())["tree:check"];
    const question = {
      version: 1,
      trees: [tree([release("shop/main", mediawiki)])],
      allEnvironments: true,
    } as const;
    expect(await check?.(question)).toEqual({ version: 1, findings: [], diagnostics: [] });
    expect(await check?.({ ...question, cluster: true })).toMatchObject({
      findings: [],
      diagnostics: [{ code: "no-cluster" }],
    });
  });

  it("says at the end what keeps MediaWiki waiting, and the command that mends it", async () => {
    const what = plan([step("mw-web/prometheus", [], { class: "support", service: "mw-web" })]);
    const answer = await (await hooksOf())["rollout:finish"]?.({
      version: 1,
      plan: what,
      outcomes: { "mw-web/prometheus": "failed" },
      commands: {},
      flags: {},
    });
    expect(answer?.notes).toEqual([
      "MediaWiki must wait in mw-web: not everything that it needs was deployed.",
      "  mw-web alone, when the cause is mended: charlie-mediawiki apply --support-only -e eqiad -s mw-web",
    ]);
  });

  it("does not advise to deploy past a gate what was only blocked, nor to begin anew what can be gone on with", async () => {
    const what = plan([step("mw-web/prometheus", [], { class: "support", service: "mw-web" })]);
    const answer = await (await hooksOf())["rollout:finish"]?.({
      version: 1,
      plan: what,
      outcomes: { "mw-web/prometheus": "blocked" },
      commands: {},
      flags: {},
    });
    expect(answer?.notes).toEqual([
      "MediaWiki must wait in mw-web: not everything that it needs was deployed.",
    ]);
  });

  describe("at the end of a rollout of support only", () => {
    const support = (id: string) => step(id, [], { class: "support", releases: [id] });
    const notes = async (what: Partial<Plan> = {}, outcomes: Outcomes = {}) => {
      const hooks = await hooksOf(`${text}namespaces:
  shop: { support: [prometheus] }
  mw-web: { support: [promethues, { release: redis, environments: [codfw] }] }
  mw-cron: { support: [prometheus] }
`);
      const all = ["shop/prometheus", "mw-web/prometheus"];
      const answer = await hooks["rollout:finish"]?.({
        version: 1,
        plan: { ...plan(all.map(support)), ...what },
        outcomes: { ...Object.fromEntries(all.map((id) => [id, "succeeded" as const])), ...outcomes },
        commands: {},
        flags: { "support-only": true },
      });
      return answer?.notes;
    };
    const inShop = "What MediaWiki needs is in place in 1 namespace: scap can deploy it.";
    const remedy =
      "  did you mean prometheus? Else add the release, or name the environments where it is needed: { release: promethues, environments: […] }";
    const misspelled =
      "MediaWiki must wait in mw-web: it needs mw-web/promethues, which no helmfile installs in eqiad.";

    it("does not say of a namespace that all is in place where no helmfile has what the registry requires", async () => {
      expect(await notes()).toEqual([inShop, misspelled, remedy]);
    });

    it("says it beside what failed", async () => {
      expect(await notes({}, { "shop/prometheus": "failed" })).toEqual([
        "MediaWiki must wait in shop/prometheus: not everything that it needs was deployed.",
        "  shop/prometheus alone, when the cause is mended: charlie-mediawiki apply --support-only -e eqiad -s shop/prometheus",
        misspelled,
        remedy,
      ]);
    });

    it("says it where nothing of a namespace was deployed that is left to scap", async () => {
      const excluded = [
        { release: "mw-cron/main", class: "mediawiki", reason: "MediaWiki: scap deploys it" },
        { release: "mw-cron/prometheus", class: "support", reason: "excluded by --exclude" },
      ];
      expect(await notes({ excluded })).toEqual([
        inShop,
        misspelled,
        remedy,
        "In mw-cron MediaWiki also needs mw-cron/prometheus, which was left out: excluded by --exclude.",
      ]);
    });

    it("does not say it of what was left out unread either", async () => {
      const torn = { service: "mw-redis", reason: "excluded by --exclude", message: "no such file" };
      expect((await notes({ excludedUnreadable: [torn] }))?.at(-1)).toContain(
        "as far as they could be read (not mw-redis)",
      );
    });

    it("does not say that no helmfile has it where some could not be read", async () => {
      expect(await notes({ unreadable: [{ service: "mw-redis", message: "no such file" }] })).toEqual([
        inShop,
        "MediaWiki must wait in mw-web: it needs mw-web/promethues, which no helmfile installs in eqiad, as far as they could be read (not mw-redis).",
      ]);
    });
  });
});
