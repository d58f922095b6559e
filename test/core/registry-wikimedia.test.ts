import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { renderDiagnostics } from "../../src/core/common/diagnostic.ts";
import { matchesAny } from "../../src/core/common/glob.ts";
import { chartName } from "../../src/core/common/release.ts";
import type { Registry } from "../../src/core/registry/registry.ts";
import { parseRegistry } from "../../src/core/registry/registry-parse.ts";

const root = new URL("../../", import.meta.url);
const environments = ["eqiad", "staging", "traindev"];

interface Listed {
  readonly namespace: string;
  readonly name: string;
  readonly chart: string;
  readonly installed: boolean;
}

function wikimedia(): Registry {
  const text = readFileSync(new URL("registry.yaml", root), "utf8");
  const parsed = parseRegistry({ file: "registry.yaml", text });
  if (!parsed.ok) throw new Error(renderDiagnostics(parsed.failure));
  return parsed.value;
}

function inventory(environment: string): Listed[] {
  const file = new URL(`fixtures/inventories/services-${environment}.json`, root);
  const { services }: { services: { releases: Listed[] }[] } = JSON.parse(readFileSync(file, "utf8"));
  return services.flatMap(({ releases }) => releases);
}

const registry = wikimedia();
const everywhere = environments.flatMap(inventory);

test("every namespace that holds a MediaWiki release has an entry, and no other one has one for MediaWiki", () => {
  const holding = everywhere
    .filter(({ chart }) => chartName(chart) === "mediawiki")
    .map(({ namespace }) => namespace);
  // mw-script names its releases at run time, so that the inventories list none.
  const expected = [...new Set([...holding, "mw-script"])].sort();
  const entries = [...registry.namespaces.values()].filter(({ classes }) => classes.mediawiki);
  expect(entries.map(({ namespace }) => namespace).sort()).toEqual(expected);
});

test("every release that an entry names is listed somewhere", () => {
  const listed = new Set(everywhere.map(({ namespace, name }) => `${namespace}/${name}`));
  const named = [...registry.namespaces.values()].flatMap(({ namespace, classes, sequence = [] }) =>
    [...Object.values(classes).flat(2), ...sequence.flat()]
      .filter(({ release }) => release !== "*")
      .map(({ release }) => `${namespace}/${release}`),
  );
  expect(named.filter((id) => !listed.has(id))).toEqual([]);
});

test("the charts of the releases that entries name agree with the rules", () => {
  const classOfChart: Record<string, string> = {
    mediawiki: "mediawiki",
    "mediawiki-common": "support",
    "statsd-exporter": "support",
  };
  const wrong = everywhere.filter(({ namespace, name, chart }) => {
    const classes = registry.namespaces.get(namespace)?.classes ?? {};
    const named = Object.entries(classes).find(([, waves]) =>
      waves.flat().some(({ release }) => release === name),
    );
    return named && classOfChart[chartName(chart)] !== named[0];
  });
  expect(wrong).toEqual([]);
});

describe("a support release is required just where it is installed, in a namespace that is there", () => {
  test.each(environments)("%s", (environment) => {
    const listed = inventory(environment);
    for (const { namespace, classes } of registry.namespaces.values()) {
      const here = listed.filter((release) => release.namespace === namespace);
      if (here.length === 0) continue;
      const required = (classes.support ?? [])
        .flat()
        .filter(({ environments: limits }) => !limits || matchesAny(limits, environment));
      const installed = here.filter(({ chart, installed: is }) => is && /-(exporter|common)$/.test(chart));
      expect([namespace, ...required.map(({ release }) => release).sort()]).toEqual([
        namespace,
        ...installed.map(({ name }) => name).sort(),
      ]);
    }
  });
});

test("a canary comes before everything else that MediaWiki has in the namespace", () => {
  for (const { namespace, classes } of registry.namespaces.values()) {
    const [first = [], ...others] = classes.mediawiki ?? [];
    const late = others.flat().filter(({ release }) => /canary/.test(release));
    const early = first.filter(({ release }) => !/canary/.test(release));
    const hasCanary = first.some(({ release }) => /canary/.test(release));
    expect([namespace, ...late, ...(hasCanary ? early : [])]).toEqual([namespace]);
  }
});

test("the stages are those of the full restore, and scap comes last", () => {
  expect(registry.stages.map(({ name, gate }) => `${name}: ${gate}`)).toEqual([
    "daemonsets: wait",
    "support: wait",
    "priority: none",
    "rest: none",
    "mediawiki: none",
  ]);
  expect(registry.stages.at(-1)?.run?.slice(0, 2)).toEqual(["scap", "sync-world"]);
});
