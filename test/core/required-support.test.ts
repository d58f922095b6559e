import { expect, it } from "vitest";
import { classify } from "../../src/core/registry/classify.ts";
import { requiredSupport } from "../../src/core/registry/required-support.ts";
import { registry } from "../support/registry.ts";
import { exporter, mediawiki, release, tree } from "../support/tree.ts";

const knowledge = registry(`
rules:
  - match: { chart: statsd-exporter, namespace: "mw-*" }
    class: support
namespaces:
  mw-cron:
    support: [mediawiki-common, prometheus]
    mediawiki: [main]
  mw-debug:
    support: [{ release: prometheus, environments: [eqiad] }]
    mediawiki: "*"
  mw-all:
    support: "*"
services:
  prometheus: { provides: [service/statsd-exporter-prometheus] }
  mw-debug/prometheus: { provides: [service/one, service/two] }
`);

function required(namespace: string, environment: string, releases?: Parameters<typeof tree>[0]) {
  const classification = releases && classify(tree(releases, { environment }), knowledge);
  return requiredSupport(namespace, { registry: knowledge, environment, classification }).map(
    ({ place, ...rest }) => ({ ...rest, ...(place ? { line: place.line } : {}) }),
  );
}

const prometheus = "statsd-exporter-prometheus";

it("is what the registry names, in its order, with what it provides and the line that says so", () => {
  expect(required("mw-cron", "staging")).toEqual([
    { release: "mw-cron/mediawiki-common", services: [], line: 8 },
    { release: "mw-cron/prometheus", services: [prometheus], line: 8 },
  ]);
});

it("is nothing in an environment that the registry does not name, even where a helmfile installs it", () => {
  expect(required("mw-debug", "eqiad")).toEqual([
    { release: "mw-debug/prometheus", services: ["one", "two"], line: 11 },
  ]);
  expect(required("mw-debug", "staging")).toEqual([]);
  expect(required("mw-debug", "staging", [release("mw-debug/prometheus", exporter)])).toEqual([]);
});

it("is nothing where the registry has no entry, and no name where it has a star", () => {
  expect(required("mw-new", "eqiad")).toEqual([]);
  expect(required("mw-all", "eqiad")).toEqual([]);
});

it("is with a tree also what a rule or a star makes support, where it is installed", () => {
  const releases = [
    release("mw-new/main", mediawiki),
    release("mw-new/prometheus", exporter),
    release("mw-new/another", exporter),
    release("mw-new/late", { ...exporter, installed: false }),
    release("mw-all/cache"),
  ];
  expect(required("mw-new", "eqiad", releases)).toEqual([
    { release: "mw-new/another", services: [] },
    { release: "mw-new/prometheus", services: [prometheus] },
  ]);
  expect(required("mw-all", "eqiad", releases)).toEqual([{ release: "mw-all/cache", services: [] }]);
});

it("says with a tree which of them no helmfile installs", () => {
  const releases = [
    release("mw-cron/prometheus", { ...exporter, installed: false }),
    release("mw-cron/mediawiki-common"),
  ];
  expect(required("mw-cron", "eqiad", releases)).toEqual([
    { release: "mw-cron/mediawiki-common", services: [], line: 8 },
    { release: "mw-cron/prometheus", services: [prometheus], line: 8, installed: false },
  ]);
});
