import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CheckQuestion } from "../../src/core/check/check-facts.ts";
import { checkRegistry } from "../../src/core/check/check-registry.ts";
import { proposeRegistry } from "../../src/core/check/registry-proposal.ts";
import { parseRegistry } from "../../src/core/registry/registry-parse.ts";
import { deploymentManifest, rendered, serviceManifest } from "../support/rendered.ts";
import { runs } from "../support/runs.ts";
import { mediawiki, release, tree } from "../support/tree.ts";
import {
  forPeople,
  main,
  manifests,
  prometheus,
  propose,
  services,
  source,
  well,
} from "./support/propose.ts";

describe("a proposal", () => {
  it("makes support of what MediaWiki needs first, wherever a helmfile installs it", () => {
    const body = `namespaces:\n  mw-web:\n    mediawiki: [main] # scap's\n${services}`;
    expect(propose(body, well)).toEqual({
      body: `namespaces:\n  mw-web:\n    support: [prometheus]\n    mediawiki: [main] # scap's\n${services}`,
      mended: ["unclassified-release mw-web/prometheus"],
      left: [],
    });
    const inTwo: CheckQuestion = {
      ...well,
      trees: [...well.trees, tree([main, { ...prometheus, installed: false }], { environment: "south" })],
      rendered: [
        rendered(manifests),
        rendered({ "mw-web/main": [deploymentManifest("main", [])] }, { environment: "south" }),
      ],
    };
    expect(propose(body, inTwo).body).toContain(
      "    support: [{ release: prometheus, environments: [eqiad] }]\n",
    );
  });

  it("takes it out of the class that the entry gives it, and leaves no list that is empty", () => {
    const body = `namespaces:\n  mw-web:\n    mediawiki: [main]\n    other: [prometheus]\n${services}`;
    expect(propose(body, well)).toMatchObject({
      body: `namespaces:\n  mw-web:\n    support: [prometheus]\n    mediawiki: [main]\n${services}`,
      mended: ["uncovered-variable mw-web/main"],
    });
  });

  it("spells a name right, rather than to take it away and to add another", () => {
    const body = `namespaces:\n  mw-web:\n    support: [promtheus] # why\n    mediawiki: [main]\n${services}`;
    expect(propose(body, well)).toEqual({
      body: body.replace("promtheus", "prometheus"),
      mended: [
        "unclassified-release mw-web/prometheus",
        "support-not-installed mw-web/promtheus",
        "unused-entry namespaces.mw-web.support: promtheus",
      ],
      left: [],
    });
  });

  it("spells the name of a namespace right, also where something could not be read", () => {
    const body = `namespaces:\n  mw-wbe: # ours\n    support: [prometheus]\n    mediawiki: [main]\n${services}`;
    const unreadable = [{ service: "other", message: "no values" }];
    const partly = { ...well, trees: [tree([main, prometheus], { unreadable })] };
    expect(propose(body, partly)).toMatchObject({
      body: body.replace("mw-wbe", "mw-web"),
      left: [`service-unreadable other: ${forPeople}`],
    });
  });

  it("spells a name in a stage's list right, also on a line of its own", () => {
    const body = `namespaces:\n  mw-web:\n    support: [prometheus]\n    mediawiki: [main]\nstages:\n  - name: first\n    releases:\n      - mw-web/prometheus\n      - mw-web/mian # scap's\n${services}`;
    expect(propose(body, well)).toEqual({
      body: body.replace("mw-web/mian", "mw-web/main"),
      mended: ["unused-entry stages.first: mw-web/mian"],
      left: [],
    });
  });

  it("orders what needs one another elsewhere", () => {
    const shop: CheckQuestion = {
      ...well,
      trees: [tree([main, prometheus, release("shop/web"), release("shop/db"), release("shop/cache")])],
      rendered: [
        rendered({
          ...manifests,
          "shop/web": [deploymentManifest("web", ["$(DB_SERVICE_HOST)", "$(CACHE_SERVICE_HOST)"])],
          "shop/db": [serviceManifest("db"), deploymentManifest("db", ["$(CACHE_SERVICE_HOST)"])],
          "shop/cache": [serviceManifest("cache")],
        }),
      ],
    };
    const body = `namespaces:\n  mw-web:\n    support: [prometheus]\n    mediawiki: [main]\n${services}`;
    const { body: proposed, left } = propose(body, shop);
    expect(proposed).toContain("  shop:\n    sequence: [cache, db, web]\n");
    expect(left).toEqual([]);
  });

  it("names the Services of what becomes support together with it", () => {
    const body = "namespaces:\n  mw-web:\n    mediawiki: [main]\n";
    const reading = deploymentManifest("main", ["$(EXPORTER_SERVICE_HOST)", "$(PUSH_SERVICE_HOST)"]);
    const making = [serviceManifest("exporter"), serviceManifest("push")];
    const shown = rendered({ "mw-web/main": [reading], "mw-web/prometheus": making });
    expect(propose(body, { ...well, rendered: [shown] })).toEqual({
      body: "namespaces:\n  mw-web:\n    support: [prometheus]\n    mediawiki: [main]\n\nservices:\n  prometheus: { provides: [service/exporter, service/push] }\n",
      mended: ["unclassified-release mw-web/prometheus"],
      left: [],
    });
  });

  it("names the Services that MediaWiki reads variables of", () => {
    const body = "namespaces:\n  mw-web:\n    support: [prometheus]\n    mediawiki: [main]\n";
    expect(propose(body, well)).toEqual({
      body: `${body}\n${services}`,
      mended: ["service-not-named mw-web/prometheus"],
      left: [],
    });
  });

  it("takes away what matches nothing, only where all environments were read whole", () => {
    const body = `namespaces:\n  mw-web:\n    support: [prometheus]\n    mediawiki: [main]\n  # gone\n  toolhub:\n    sequence: [a, b]\n${services}`;
    expect(propose(body, well)).toMatchObject({
      body: body.replace("  toolhub:\n    sequence: [a, b]\n", ""),
      mended: ["unused-entry namespaces.toolhub"],
    });
    expect(propose(body, { ...well, allEnvironments: false }).body).toBe(body);
    const unreadable = [{ service: "other", message: "no values" }];
    const partly = { ...well, trees: [tree([main, prometheus], { unreadable })] };
    const selection = { service: [], exclude: ["other"] };
    expect(propose(body, { ...partly, selection }).body).not.toContain("toolhub");
    expect(propose(body, partly)).toEqual({
      body,
      mended: [],
      left: [`service-unreadable other: ${forPeople}`, `unused-entry namespaces.toolhub: ${forPeople}`],
    });
  });

  it("requires a release where it is installed, only where manifests show that nothing misses it elsewhere", () => {
    const body = `namespaces:\n  mw-web:\n    support:\n      - prometheus # the exporter\n    mediawiki: [main]\n${services}`;
    const south = { environment: "south" };
    const trees = [...well.trees, tree([main, { ...prometheus, installed: false }], south)];
    const inSouth = (words: readonly string[]) =>
      rendered({ "mw-web/main": [deploymentManifest("main", words)] }, south);
    expect(propose(body, { ...well, trees, rendered: [rendered(manifests), inSouth([])] })).toEqual({
      body: body.replace("- prometheus #", "- { release: prometheus, environments: [eqiad] } #"),
      mended: ["support-not-installed mw-web/prometheus"],
      left: [],
    });
    // What is missed where it is installed would not come with it elsewhere.
    const other = rendered({
      ...manifests,
      "mw-web/main": [deploymentManifest("main", ["$(EXPORTER_SERVICE_HOST)", "$(GONE_SERVICE_HOST)"])],
    });
    expect(propose(body, { ...well, trees, rendered: [other, inSouth([])] }).body).toContain(
      "environments: [eqiad]",
    );
    const missed = [rendered(manifests), inSouth(["$(EXPORTER_SERVICE_HOST)"])];
    expect(propose(body, { ...well, trees, rendered: missed })).toMatchObject({ body, mended: [] });
    expect(propose(body, { ...well, trees, rendered: [] })).toMatchObject({ body, mended: [] });
  });

  it("goes by the chart where entry and rule contradict each other", () => {
    const body = `namespaces:\n  mw-web:\n    support: [prometheus]\n    other: [main]\n${services}`;
    expect(propose(body, well)).toMatchObject({
      body: `namespaces:\n  mw-web:\n    support: [prometheus]\n    mediawiki: [main]\n${services}`,
      mended: ["contradicting-class mw-web/main"],
    });
  });

  it("never guesses what nothing shows", () => {
    const body = `namespaces:\n  mw-web:\n    support: [prometheus]\n    mediawiki: [main]\n${services}`;
    const stray = { ...well, trees: [tree([main, prometheus, release("mw-web/stray")])] };
    const quiet = [rendered({ ...manifests, "mw-web/stray": [serviceManifest("stray")] })];
    expect(propose(body, { ...stray, rendered: quiet })).toEqual({
      body,
      mended: [],
      left: [`unclassified-release mw-web/stray: ${forPeople}`],
    });
    const text = "- { namespace: mw-web, releases: { main: {}, stray: {} } }\n";
    const named = { ...stray, rendered: quiet, deployments: { file: "list.yaml", text } };
    expect(propose(body, named)).toMatchObject({
      body: body.replace("mediawiki: [main]", "mediawiki: [main, stray]"),
      left: [],
    });
  });

  it("says what stands in the way of a change", () => {
    const body = `namespaces:\n  mw-web:\n    support: [prometheus]\n    mediawiki: [main]\n  shop:\n    sequence: [web, db]\n${services}`;
    const shop: CheckQuestion = {
      ...well,
      trees: [tree([main, prometheus, release("shop/web"), release("shop/db")])],
      rendered: [
        rendered({
          ...manifests,
          "shop/web": [deploymentManifest("web", ["$(DB_SERVICE_HOST)"])],
          "shop/db": [serviceManifest("db")],
        }),
      ],
    };
    expect(propose(body, shop)).toEqual({
      body,
      mended: [],
      left: ["uncovered-variable shop/web: the lines that it is about can only be changed by hand"],
    });
  });

  it("puts nothing wrong that nobody asked about", () => {
    const text =
      "namespaces:\n  mw-web:\n    support: [prometheus]\n    mediawiki: [main]\n  mw-api:\n    support: [prometheus]\n    mediawiki: [main]\n";
    const api = [release("mw-api/main", mediawiki), release("mw-api/prometheus")];
    const shown = rendered({ ...manifests, "mw-api/main": [], "mw-api/prometheus": [] });
    const asked = { ...well, trees: [tree([main, prometheus, ...api])], rendered: [shown] };
    const said = propose(text, asked);
    expect(said.body).toBe(text);
    const selection = { service: ["mw-web"], exclude: [] };
    expect(propose(text, { ...asked, selection })).toEqual(said);
  });

  it("tries no more than it may, and says so of the rest", () => {
    const text = `namespaces:\n  mw-web:\n    support: [prometheus]\n    mediawiki: [main]\n  a1:\n    sequence: [x, y]\n  b1:\n    sequence: [x, y]\n${services}`;
    const proposed = proposeRegistry(source(text), well, { most: 500 });
    const tooMuch = "too much to try at once: write the change so far, and check again";
    expect(proposed).toMatchObject({
      value: {
        text: source(text.replace("  a1:\n    sequence: [x, y]\n", "")).text,
        mended: [{ subject: "namespaces.a1" }],
        left: [{ finding: { subject: "namespaces.b1" }, reason: tooMuch }],
      },
    });
    expect(propose(text, well).left).toEqual([]);
  });

  it("of a registry that has faults is none", () => {
    const proposed = proposeRegistry(source("namespaces: [\n"), well);
    expect(proposed).toMatchObject({ ok: false, failure: [{ severity: "error" }] });
  });
});

describe("any proposal", () => {
  const names = ["main", "prometheus", "db", "web"] as const;
  const reads = fc.subarray([...names]);
  const listOf = (from: readonly string[]) => fc.shuffledSubarray([...from]);
  const body = fc
    .record({ support: listOf(names), mediawiki: fc.boolean(), order: listOf(names) })
    .map(({ support, mediawiki: isNamed, order }) => {
      const lists = [
        ...(support.length > 0 ? [`    support: [${support.join(", ")}] # first`] : []),
        ...(isNamed ? ['    mediawiki: "*"'] : []),
        ...(order.length > 0 ? [`    sequence:\n${order.map((name) => `      - ${name}`).join("\n")}`] : []),
      ];
      return lists.length === 0 ? "" : `namespaces:\n  shop:\n${lists.join("\n")}\n`;
    });
  const question = fc
    .record({ main: reads, prometheus: reads, db: reads, web: reads, chart: fc.boolean() })
    .map(({ chart, ...needs }): CheckQuestion => {
      const releases = names.map((name) =>
        release(`shop/${name}`, chart && name === "main" ? mediawiki : {}),
      );
      const made = names.map((name) => {
        const words = needs[name]
          .filter((one) => one !== name)
          .map((one) => `$(${one.toUpperCase()}_SERVICE_HOST)`);
        return [`shop/${name}`, [serviceManifest(name), deploymentManifest(name, words)]] as const;
      });
      return {
        trees: [tree(releases)],
        allEnvironments: true,
        rendered: [rendered(Object.fromEntries(made))],
      };
    });

  it("leaves fewer findings and adds none, is stable, and tells of each what became of it", () => {
    fc.assert(
      fc.property(body, question, (text, asked) => {
        const before = parseRegistry(source(text));
        const proposed = proposeRegistry(source(text), asked);
        expect(proposed.ok).toBe(before.ok);
        if (!before.ok || !proposed.ok) return;
        const weighty = (found: ReturnType<typeof checkRegistry>) =>
          found
            .filter(({ severity }) => severity !== "hint")
            .map(({ code, subject, message }) => `${code} ${subject} ${message}`);
        const after = parseRegistry({ file: "registry.yaml", text: proposed.value.text });
        if (!after.ok) throw new Error(proposed.value.text);
        const had = weighty(checkRegistry(before.value, asked));
        const has = weighty(checkRegistry(after.value, asked));
        expect(has.filter((one) => !had.includes(one))).toEqual([]);
        expect(weighty(proposed.value.left.map(({ finding }) => finding))).toEqual(has);
        expect(proposed.value.mended.length).toBe(had.length - has.length);
        const again = proposeRegistry({ file: "registry.yaml", text: proposed.value.text }, asked);
        expect(again).toMatchObject({ value: { text: proposed.value.text, mended: [] } });
      }),
      { numRuns: runs(60) },
    );
  });
});
