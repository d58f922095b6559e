import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Release } from "../../src/core/common/release.ts";
import { classify } from "../../src/core/registry/classify.ts";
import { registry } from "../support/registry.ts";
import { exporter, mediawiki, release, tree } from "../support/tree.ts";

const chartRules = `
rules:
  - match: { chart: mediawiki }
    class: mediawiki
  - match: { chart: [statsd-exporter, mediawiki-common], namespace: "mw-*" }
    class: support
`;

function classes(releases: readonly Release[], text: string): Record<string, string> {
  const { releases: classified } = classify(tree(releases), registry(text));
  return Object.fromEntries(classified.map((one) => [one.release.id, one.class]));
}

describe("the class of a release", () => {
  it("is what its namespace's entry says, and the reason names the line", () => {
    const text = "namespaces:\n  mw-web:\n    support: [prometheus]\n    mediawiki: [canary, [main, next]]\n";
    const [one] = classify(tree([release("mw-web/prometheus", exporter)]), registry(text)).releases;
    expect(one?.class).toBe("support");
    expect(one?.reason.text).toBe("namespaces.mw-web.support names it (registry.yaml:4:15)");
    expect(one?.reason.place).toMatchObject({ line: 4, column: 15 });
  });

  it("comes from the first rule that matches where no entry names the release", () => {
    expect(
      classes([release("shop/main", mediawiki), release("mw-web/prometheus", exporter)], chartRules),
    ).toEqual({ "shop/main": "mediawiki", "mw-web/prometheus": "support" });
  });

  it.each([
    ["chart: mediawiki", "shop/main"],
    ["namespace: mw-*", "mw-web/cache"],
    ["release: next", "shop/next"],
    ["service: blog", "blog/cache"],
  ])("comes from a rule only where each of its keys holds: %s", (key, id) => {
    const all = [
      release("shop/main", mediawiki),
      release("shop/next"),
      release("shop/cache"),
      release("mw-web/cache"),
      release("blog/cache", { service: "blog" }),
    ];
    const quoted = key.replace(/: (.*)/, ': "$1"');
    const found = classes(all, `rules:\n  - match: { ${quoted} }\n    class: support\n`);
    expect(Object.keys(found).filter((one) => found[one] === "support")).toEqual([id]);
  });

  it("is other where nothing names the release, whatever its namespace is called", () => {
    const enrich = release("mw-page-content-change-enrich/main", { chart: "wmf-stable/flink-app" });
    const [one] = classify(tree([enrich]), registry(chartRules)).releases;
    expect(one?.class).toBe("other");
    expect(one?.reason.text).toContain("no line of the registry names it");
  });

  it("is taken from an explicit name before a star of the same namespace", () => {
    const text = 'namespaces:\n  mw-debug:\n    support: [prometheus]\n    mediawiki: "*"\n';
    expect(classes([release("mw-debug/prometheus"), release("mw-debug/pinkunicorn")], text)).toEqual({
      "mw-debug/prometheus": "support",
      "mw-debug/pinkunicorn": "mediawiki",
    });
  });

  it("is not taken by a star where the entry limits the name to other environments", () => {
    const text =
      'namespaces:\n  mw-debug:\n    support: [{ release: prometheus, environments: [codfw] }]\n    mediawiki: "*"\n';
    expect(classes([release("mw-debug/prometheus")], text)).toEqual({ "mw-debug/prometheus": "support" });
  });

  it("is taken from an entry before a rule that does not match by chart", () => {
    const text =
      "rules:\n  - match: { namespace: shop }\n    class: other\nnamespaces:\n  shop:\n    support: [prometheus]\n";
    expect(classes([release("shop/prometheus")], text)).toEqual({ "shop/prometheus": "support" });
  });

  it("needs every key of a rule to hold", () => {
    expect(classes([release("shop/prometheus", exporter)], chartRules)).toEqual({
      "shop/prometheus": "other",
    });
  });

  it("is not given by a sequence, which is only an order", () => {
    const text = "namespaces:\n  eventgate-main:\n    sequence: [canary, production]\n";
    expect(classes([release("eventgate-main/canary")], text)).toEqual({ "eventgate-main/canary": "other" });
  });
});

describe("a release of a MediaWiki namespace that nothing classifies", () => {
  it("stays unclassified where the namespace holds a MediaWiki release, with the lines to add", () => {
    const { releases } = classify(
      tree([release("shop/main", mediawiki), release("shop/cache", { chart: "wmf-stable/mcrouter" })]),
      registry(chartRules),
    );
    const cache = releases.find((one) => one.release.name === "cache");
    expect(cache?.class).toBe("unclassified");
    expect(cache?.fault?.remedy).toBe(
      [
        "add one of these lines to registry.yaml:",
        "namespaces:",
        "  shop:",
        "    support: [cache]     # MediaWiki needs it first",
        "    mediawiki: [cache]   # scap deploys it",
        "    other: [cache]       # neither",
      ].join("\n"),
    );
  });

  it("gets whole lines where the keys are there already: a key that stands twice would be a fault", () => {
    const lines = [
      '    support: [{ release: prometheus, environments: [eqiad, "*-c[ao]*", "m[xy]"] }, [one, two]]',
      "    mediawiki: [canary, [main, next]]",
    ];
    const entry = "namespaces:\n  mw-new:\n";
    const before = registry(`${entry}${lines.join("\n")}\n`);
    const [cache] = classify(tree([release("mw-new/cache")]), before).releases;
    const remedy = cache?.fault?.remedy?.split("\n") ?? [];
    expect(remedy).toEqual([
      "add one of these lines to the entry of mw-new in registry.yaml, in place of the one with the same key if there is one:",
      "namespaces:",
      "  mw-new:",
      '    support: [{ release: prometheus, environments: [eqiad, "*-c[ao]*", "m[xy]"] }, [one, two], cache]   # MediaWiki needs it first',
      "    mediawiki: [canary, [main, next], cache]                                                            # scap deploys it",
      "    other: [cache]                                                                                      # neither",
    ]);
    const keyOf = (line: string) => line.slice(0, line.indexOf(":"));
    for (const added of remedy.slice(3)) {
      const kept = lines.filter((line) => keyOf(line) !== keyOf(added));
      const after = classes([release("mw-new/cache")], `${entry}${[...kept, added].join("\n")}\n`);
      expect(after).toEqual({ "mw-new/cache": keyOf(added).trim() });
    }
  });

  it("stays unclassified where the registry names the namespace as MediaWiki's", () => {
    const text = "namespaces:\n  mw-web:\n    mediawiki: [main]\n";
    expect(classes([release("mw-web/new")], text)).toEqual({ "mw-web/new": "unclassified" });
  });

  it("counts releases that are not installed: the namespace is MediaWiki's all the same", () => {
    const notHere = release("shop/main", { ...mediawiki, installed: false });
    expect(classes([notHere, release("shop/cache")], chartRules)["shop/cache"]).toBe("unclassified");
  });

  it("is other where an entry says so", () => {
    const text = `${chartRules}namespaces:\n  shop:\n    other: [cache]\n`;
    expect(classes([release("shop/main", mediawiki), release("shop/cache")], text)["shop/cache"]).toBe(
      "other",
    );
  });
});

describe("an entry that contradicts the rule for the chart", () => {
  it.each([
    ["the entry", "mediawiki: [prometheus]", exporter],
    ["the rule", "other: [main]", mediawiki],
  ])("makes its namespace MediaWiki's where %s says that it is", (_, line, chart) => {
    const [name = ""] = /(?<=\[)\w+/.exec(line) ?? [];
    const releases = [release(`mw-web/${name}`, chart), release("mw-web/stray")];
    expect(classes(releases, `${chartRules}namespaces:\n  mw-web:\n    ${line}\n`)).toEqual({
      [`mw-web/${name}`]: "unclassified",
      "mw-web/stray": "unclassified",
    });
  });

  it("leaves its namespace what it is where neither says so", () => {
    const releases = [release("mw-web/prometheus", exporter), release("mw-web/stray")];
    expect(classes(releases, `${chartRules}namespaces:\n  mw-web:\n    other: [prometheus]\n`)).toEqual({
      "mw-web/prometheus": "unclassified",
      "mw-web/stray": "other",
    });
  });

  it("is an error with both places", () => {
    const text = `${chartRules}namespaces:\n  mw-web:\n    support: [canary]\n`;
    const [one] = classify(tree([release("mw-web/canary", mediawiki)]), registry(text)).releases;
    expect(one?.class).toBe("unclassified");
    expect(one?.fault).toMatchObject({
      severity: "error",
      code: "contradicting-class",
      place: { line: 10, column: 15 },
      related: [{ place: { line: 4 } }],
    });
  });

  it("is an error for a star too", () => {
    const text = `${chartRules}namespaces:\n  mw-web:\n    mediawiki: "*"\n`;
    expect(classes([release("mw-web/prometheus", exporter)], text)["mw-web/prometheus"]).toBe("unclassified");
  });
});

it("classifies the same whatever the order of the tree", () => {
  const releases = [
    release("mw-web/main", mediawiki),
    release("mw-web/prometheus", exporter),
    release("mw-web/stray"),
    release("shop/main", mediawiki),
    release("shop/cache"),
    release("toolhub/main"),
  ];
  const expected = classes(releases, chartRules);
  fc.assert(
    fc.property(fc.shuffledSubarray(releases, { minLength: releases.length }), (shuffled) => {
      expect(classes(shuffled, chartRules)).toEqual(expected);
    }),
  );
});
