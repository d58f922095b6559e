import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CheckQuestion } from "../../src/core/check/check-facts.ts";
import { proposeRegistry } from "../../src/core/check/registry-proposal.ts";
import { unsafeChange } from "../../src/core/check/registry-unsafe-change.ts";
import { classify } from "../../src/core/registry/classify.ts";
import { parseRegistry } from "../../src/core/registry/registry-parse.ts";
import { requiredSupport } from "../../src/core/registry/required-support.ts";
import { deploymentManifest, rendered, serviceManifest } from "../support/rendered.ts";
import { exporter, mediawiki, release, tree } from "../support/tree.ts";
import {
  forPeople,
  main,
  manifests,
  prometheus,
  propose,
  reader,
  services,
  well,
} from "./support/propose.ts";

/** MediaWiki with a chart that no rule knows. */
const next = { chart: "wmf-stable/mediawiki-next" } as const;
const body = `namespaces:\n  mw-web:\n    support: [prometheus]\n    mediawiki: [main]\n${services}`;
const south = { environment: "south" } as const;
const mountsSite = deploymentManifest(
  "main",
  [],
  "      volumes: [{ name: a, configMap: { name: site } }]\n",
);
const site = "kind: ConfigMap\nmetadata: { name: site }\n";

describe("no change is proposed", () => {
  it("by which a namespace would hold MediaWiki no longer, and what nobody classified be other", () => {
    const primary = release("mw-web/primary", next);
    const asked = { trees: [tree([primary, prometheus])], allEnvironments: true };
    expect(propose(body, asked)).toMatchObject({
      body,
      left: [
        `unclassified-release mw-web/primary: ${forPeople}`,
        "unused-entry namespaces.mw-web.mediawiki: main: it is for you to decide: with the change that would mend it mw-web/primary would be other, and rolled out in parallel",
        `unused-entry rules[0]: ${forPeople}`,
      ],
    });
  });

  it("that makes other what is only called nearly like something that is gone", () => {
    const text = body.replace("[main]", "[canary]\n    other: [mail]");
    const releases = [prometheus, release("mw-web/canary", next), release("mw-web/main", next)];
    const { body: proposed, left } = propose(text, { ...well, trees: [tree(releases)], rendered: [] });
    expect(proposed).not.toContain("other: [main]");
    expect(left[0]).toContain("mw-web/main would be other, and rolled out in parallel");
  });

  it.each([
    ["MediaWiki", body.replace("[main]", "[main, tool]"), "other"],
    ["support", body.replace("[prometheus]", "[prometheus, tool]"), "mediawiki"],
  ])("that turns round what is named as %s, whatever a rule says of its chart", (_, text, byRule) => {
    const rule = `rules:\n  - match: { chart: tool }\n    class: ${byRule}\n`;
    const trees = [tree([main, prometheus, release("mw-web/tool", { chart: "wmf-stable/tool" })])];
    const source = { file: "registry.yaml", text: `version: 1\n${rule}${text}` };
    const proposed = proposeRegistry(source, { ...well, trees });
    expect(proposed).toMatchObject({ value: { text: source.text } });
  });

  it("that takes from support what scap's list names, as MediaWiki would wait for it no longer", () => {
    const text = "- { namespace: mw-web, releases: { main: {}, prometheus: {} } }\n";
    const asked = { ...well, rendered: [], deployments: { file: "list.yaml", text } };
    expect(propose(body, asked)).toMatchObject({
      body,
      left: [
        "only-in-deployments mw-web/prometheus: it is for you to decide: with the change that would mend it MediaWiki would wait for mw-web/prometheus no longer",
      ],
    });
  });

  it("that makes support of what has MediaWiki's own chart", () => {
    const text = body.replace("[main]", "[canary]");
    const shown = rendered({ ...manifests, "mw-web/main": [site], "mw-web/canary": [mountsSite] });
    const trees = [tree([prometheus, release("mw-web/canary", next), release("mw-web/main", next)])];
    expect(propose(text, { ...well, trees, rendered: [shown] }).left).toContain(
      `unclassified-release mw-web/main: ${forPeople}`,
    );
  });

  it("that corrects a name where another environment, or what could not be read, may have it as it is", () => {
    const text = body.replace("prometheus]", "promtheus]");
    expect(propose(text, well).body).toBe(body);
    const both = body.replace("prometheus]", "promtheus, prometheus]");
    expect(propose(text, { ...well, allEnvironments: false }).body).toBe(both);
    const unreadable = [{ service: "mw-web", message: "no values" }];
    const partly = { ...well, trees: [tree([main, prometheus], { unreadable })] };
    expect(propose(text, partly).body).toBe(both);
  });

  it("that requires support in fewer environments than there may be", () => {
    const without = tree([main, { ...prometheus, installed: false }], south);
    const quiet = rendered({ "mw-web/main": [deploymentManifest("main", [])] }, south);
    const both = { ...well, trees: [...well.trees, without], rendered: [rendered(manifests), quiet] };
    const limited = body.replace("[prometheus]", "[{ release: prometheus, environments: [eqiad] }]");
    expect(propose(body, both).body).toBe(limited);
    expect(propose(body, { ...both, allEnvironments: false }).body).toBe(body);
    const unread = body.replace("    support: [prometheus]\n", "");
    expect(propose(unread, both).body).toBe(limited);
    expect(propose(unread, { ...both, allEnvironments: false }).body).toBe(unread);
  });

  it("that requires it no longer where an object that it makes is missed, or a variable", () => {
    const common = release("mw-web/prometheus");
    const trees = [tree([main, common]), tree([main, { ...common, installed: false }], south)];
    const here = rendered({ "mw-web/main": [mountsSite], "mw-web/prometheus": [site] });
    const shown = [here, rendered({ "mw-web/main": [mountsSite] }, south)];
    const text = body.replace(services, "");
    expect(propose(text, { ...well, trees, rendered: shown }).body).toBe(text);
    const gone = { ...well, trees: [tree([main])] };
    const reading = [rendered({ "mw-web/main": [reader] })];
    expect(propose(text, { ...gone, rendered: reading }).body).toBe(text);
    const quiet = [rendered({ "mw-web/main": [deploymentManifest("main", [])] })];
    expect(propose(text, { ...gone, rendered: quiet }).body).not.toContain("prometheus");
  });

  it("that lets a stage take more than it did", () => {
    const stages = `stages:\n  - { name: first, releases: [mw-mcrouter/gone], class: support, gate: wait }\n  - { name: rest, class: other }\n`;
    expect(propose(body + stages, well)).toMatchObject({
      body: body + stages,
      left: [`unused-entry stages.first: mw-mcrouter/gone: ${forPeople}`],
    });
    const two = stages.replace("/gone]", "/gone, mw-web/*]");
    expect(propose(body + two, well).body).toBe(body + two.replace("mw-mcrouter/gone, ", ""));
  });

  it("that takes away an entry of MediaWiki's releases that only run time names", () => {
    const text = body.replace("services:", '  mw-script:\n    mediawiki: "*"\nservices:');
    expect(propose(text, well)).toMatchObject({
      body: text,
      left: [`unused-entry namespaces.mw-script: ${forPeople}`],
    });
    const absent = { ...well, trees: [tree([main, prometheus], { absent: ["mw-script"] })] };
    expect(propose(text, absent)).toMatchObject({ body: text, left: [] });
  });
});

it("what would be left to scap no longer is as unsafe as what MediaWiki would wait for no longer", () => {
  const classes = (one: string) => new Map([["eqiad mw-web/tool", { id: "mw-web/tool", class: one }]]);
  expect(unsafeChange(classes("mediawiki"), classes("support"))).toBe(
    "mw-web/tool would be left to scap no longer",
  );
  expect(unsafeChange(classes("unclassified"), classes("support"))).toBeUndefined();
});

describe("whatever is proposed", () => {
  const names = ["main", "mail", "prometheus", "prometeus"] as const;
  const charts = [mediawiki, exporter, next, {}] as const;
  const lists = fc.record({
    support: fc.subarray([...names, "gone"]),
    mediawiki: fc.subarray([...names, "gone"]),
    other: fc.subarray([...names, "gone"]),
  });
  const text = fc
    .record({
      lists,
      rule: fc.constantFrom("other", "support", "mediawiki"),
      glob: fc.constantFrom("*", "media*"),
    })
    .map(({ lists: written, rule, glob }) => {
      const lines = Object.entries(written)
        .filter(([, of]) => of.length > 0)
        .map(([name, of]) => `    ${name}: [${of.join(", ")}]\n`);
      const entry = lines.length === 0 ? "" : `namespaces:\n  mw-web:\n${lines.join("")}`;
      return `version: 1\nrules:\n  - match: { chart: "${glob}", release: m* }\n    class: ${rule}\n${entry}`;
    });
  const releases = fc
    .tuple(fc.subarray([...names], { minLength: 1 }), fc.array(fc.nat(charts.length - 1), { minLength: 4 }))
    .map(([having, which]) => having.map((name, at) => release(`mw-web/${name}`, charts[which[at] ?? 0])));
  const question = fc
    .record({ releases, allEnvironments: fc.boolean(), list: fc.subarray([...names]), shows: fc.boolean() })
    .map(({ releases: having, allEnvironments, list, shows }): CheckQuestion => {
      const made = having.map(({ id, name }) => [
        id,
        name === "prometheus"
          ? [serviceManifest("exporter")]
          : [deploymentManifest(name, ["$(EXPORTER_SERVICE_HOST)"])],
      ]);
      const scaps = `- { namespace: mw-web, releases: { ${list.map((name) => `${name}: {}`).join(", ")} } }\n`;
      return {
        ...{ trees: [tree(having)], allEnvironments },
        ...(shows ? { rendered: [rendered(Object.fromEntries(made))] } : {}),
        ...(list.length > 0 ? { deployments: { file: "list.yaml", text: scaps } } : {}),
      };
    });

  it("makes no release other, takes none from scap, and lets MediaWiki wait for no less of what there is", () => {
    fc.assert(
      fc.property(text, question, (written, asked) => {
        const source = { file: "registry.yaml", text: written };
        const before = parseRegistry(source);
        const proposed = proposeRegistry(source, asked);
        fc.pre(before.ok && proposed.ok);
        const after = parseRegistry({ ...source, text: proposed.value.text });
        if (!after.ok) throw new Error(proposed.value.text);
        for (const one of asked.trees) {
          const [was, is] = [classify(one, before.value), classify(one, after.value)];
          const { environment } = one;
          const waits = requiredSupport("mw-web", { registry: after.value, environment, classification: is });
          const awaited = new Set(waits.map(({ release: id }) => id));
          for (const [at, { class: now, release: of }] of is.releases.entries()) {
            const had = was.releases[at]?.class;
            if (now === "other") expect(had).toBe("other");
            if (had === "mediawiki") expect(now).toBe("mediawiki");
            if (had === "support") expect(awaited).toContain(of.id);
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});
