import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CheckQuestion } from "../../src/core/check/check-facts.ts";
import { checkRegistry, findChangeable } from "../../src/core/check/check-registry.ts";
import type { RegistryChange } from "../../src/core/check/registry-change.ts";
import { renderFindings } from "../../src/core/check/render-findings.ts";
import { renderDiagnostic } from "../../src/core/common/diagnostic.ts";
import { releaseId } from "../../src/core/common/release.ts";
import { readManifests } from "../../src/io/read-manifests.ts";
import { registry } from "../support/registry.ts";
import { deploymentManifest, rendered, renderedReleases } from "../support/rendered.ts";
import { runs } from "../support/runs.ts";
import { exporter, mediawiki, release, tree } from "../support/tree.ts";
import {
  deployments,
  known,
  main,
  manifests,
  mistakes,
  prometheus,
  shopManifests,
  shopTree,
  site,
  siteReader,
  unlinkedReader,
  well,
} from "./support/check-mistakes.ts";

describe("each mistake is found, and is not found where the same is done right", () => {
  it.each(mistakes)("$code: $subject ($severity)", ({ code, severity, subject, says, at, wrong, right }) => {
    const isIt = (one: { code: string; severity: string; subject: string }) =>
      one.code === code && one.severity === severity && one.subject === subject;
    const [found, ...others] = checkRegistry(...wrong).filter(isIt);
    expect(found?.message).toContain(says);
    expect(found?.place && `${found.place.file}:${found.place.line}`).toBe(at);
    expect(others).toEqual([]);
    expect(checkRegistry(...right).filter(isIt)).toEqual([]);
  });

  it("is told whole, with what might mend it in the registry", async () => {
    const told = mistakes.map(({ code, severity, subject, wrong }) =>
      findChangeable(...wrong)
        .filter(
          ({ finding: one }) => one.code === code && one.severity === severity && one.subject === subject,
        )
        .map(({ finding: { environments = ["nowhere"], ...finding }, changes }) =>
          [
            `[${code}] in ${environments.join(", ")}`,
            renderDiagnostic(finding),
            ...changes.map((change) => `  change: ${shownChange(change)}`),
          ].join("\n"),
        )
        .join("\n"),
    );
    await expect(told.join("\n\n")).toMatchFileSnapshot("__snapshots__/check-mistakes.txt");
  });

  it("is shown where it is written, also on a line of its own and behind one that begins with it", () => {
    const text = `
namespaces:
  shop:
    support:
      - release: db
        environments:
          - eqiad-2
          - eqaid
    sequence: [{ release: web, environments: [codfw, eqida] }]
stages:
  - name: first
    releases:
      - shop/db
      - shop/d
    services: [shops-2, shops]
`;
    const shop = { trees: [tree([release("shop/db"), release("shop/web")])], allEnvironments: true };
    const places = checkRegistry(registry(text), shop)
      .filter(({ code }) => code === "unused-entry")
      .map(({ subject, place }) => `${place?.line}:${place?.column} ${subject}`);
    expect(places).toMatchInlineSnapshot(`
      [
        "10:54 namespaces.shop.sequence: web in eqida",
        "9:13 namespaces.shop.support: db in eqaid",
        "8:13 namespaces.shop.support: db in eqiad-2",
        "15:9 stages.first: shop/d",
        "16:25 stages.first: shops",
        "16:16 stages.first: shops-2",
      ]
    `);
  });

  it("without a mistake only says what could be better still", () => {
    expect(checkRegistry(known, well).map(({ code }) => code)).toEqual(["dns-instead"]);
    expect(checkRegistry(known, { ...well, rendered: [] })).toEqual([]);
  });
});

/** With the line of its place. */
function shownChange(change: RegistryChange): string {
  return JSON.stringify(change, (_, value) => (value?.file ? `${value.file}:${value.line}` : value));
}

describe("what was not looked at is not judged", () => {
  it("an entry may be for an environment that was not read: then it is only a hint", () => {
    const alone = { ...well, trees: [tree([main])], rendered: [] };
    const severities = (allEnvironments: boolean) =>
      checkRegistry(known, { ...alone, allEnvironments })
        .filter(({ code }) => code === "unused-entry")
        .map(({ severity }) => severity);
    expect(severities(true)).toEqual(["warning", "warning"]);
    expect(severities(false)).toEqual(["hint", "hint"]);
  });

  it("an entry that is nearly the name of a release that nothing names needs no other environment to be a warning", () => {
    const question = { ...well, allEnvironments: false, rendered: [] };
    const found = (text: string, releases: readonly string[]) => {
      const chartOf = (id: string) => (id === "prometheus" ? exporter : mediawiki);
      const all = releases.map((name) => release(`mw-web/${name}`, chartOf(name)));
      const written = registry(`namespaces:\n  mw-web:\n    ${text}\n`);
      return checkRegistry(written, { ...question, trees: [tree(all)] }).map(
        ({ code, severity, subject, remedy }) => `${severity} ${code} ${subject}: ${remedy}`,
      );
    };
    expect(found("mediawiki: [canari, [main, next]]", ["canary", "main"]).slice(1)).toEqual([
      "warning unused-entry namespaces.mw-web.mediawiki: canari: did you mean canary?",
      "hint unused-entry namespaces.mw-web.mediawiki: next: another environment may have it: leave out -e and --inventory to be sure",
    ]);
    expect(found("mediawiki: [canari, canary]", ["canary"])).toEqual([
      expect.stringMatching(/^hint .*: canari: another environment may have it/),
    ]);
    expect(found('support: [promtheus]\n    mediawiki: "*"', ["main", "prometheus"])).toEqual([
      expect.stringMatching(
        /^warning support-not-installed mw-web\/promtheus: did you mean prometheus\? Else add/,
      ),
      "warning unused-entry namespaces.mw-web.support: promtheus: did you mean prometheus?",
    ]);
  });

  it("support is not called needless where no manifest of MediaWiki was seen", () => {
    const needless = (shown: Readonly<Record<string, readonly string[]>>) =>
      checkRegistry(known, { ...well, rendered: [rendered(shown)] }).filter(
        ({ code }) => code === "needless-order",
      ).length;
    const { "mw-web/prometheus": provider } = manifests;
    expect(needless({ "mw-web/main": [], "mw-web/prometheus": provider })).toBe(1);
    expect(needless({ "mw-web/prometheus": provider })).toBe(0);
  });

  it("a release of the same name that scap deploys in another namespace makes nothing MediaWiki", () => {
    const stray = { ...well, trees: [tree([main, prometheus, release("mw-web/stray")])] };
    const changes = (namespace: string) =>
      findChangeable(known, {
        ...stray,
        deployments: deployments(
          `- { namespace: mw-web, releases: { main: {} } }\n- { namespace: ${namespace}, releases: { stray: {} } }\n`,
        ),
      })
        .filter(({ finding }) => finding.code === "unclassified-release")
        .flatMap((one) => one.changes);
    expect(changes("mw-api")).toEqual([]);
  });

  it("a list of deployments is asked about where a helmfile of its namespace is, else by the namespace's name", () => {
    const found = (service: readonly string[]) =>
      checkRegistry(known, {
        ...well,
        deployments: deployments(
          "- { namespace: mw-web, releases: { main: {} } }\n- { namespace: mw-new, releases: { main: {} } }\n",
        ),
        selection: { service, exclude: [] },
      }).flatMap(({ code, subject }) => (code === "only-in-deployments" ? [subject] : []));
    expect(found(["mw-new"])).toEqual(["mw-new/main"]);
    expect(found(["mw-web"])).toEqual([]);
  });

  it("an entry may be for a service that could not be read", () => {
    const unreadable = [{ service: "mw-web", message: "no values" }];
    const found = checkRegistry(known, {
      ...well,
      trees: [tree([release("shop/main", mediawiki)], { unreadable })],
    });
    expect(found.filter(({ subject }) => subject.startsWith("namespaces."))).toEqual([]);
  });

  it('a name under "*" may come up only when it is deployed', () => {
    const star = registry('namespaces:\n  mw-script:\n    support: [prometheus]\n    mediawiki: "*"\n');
    const question = { ...well, trees: [tree([release("mw-script/prometheus", exporter)])], rendered: [] };
    expect(checkRegistry(star, question)).toEqual([]);
    const named = deployments("- { namespace: mw-script, releases: { today: {} } }\n");
    const releases = ["prometheus", "today"].map((name) => ({ name, status: "deployed" }));
    const inCluster = [{ environment: "eqiad", namespaces: [{ namespace: "mw-script", releases }] }];
    expect(checkRegistry(star, { ...question, deployments: named, deployed: inCluster })).toEqual([]);
  });

  it("an object that is made elsewhere may be made by what could not be rendered", () => {
    const eqiad = (
      ofMain: readonly string[],
      notRendered: readonly { release: string; message: string }[] = [],
      releases: Readonly<Record<string, readonly string[]>> = {},
    ) =>
      checkRegistry(known, {
        ...well,
        trees: [tree([main, prometheus]), tree([main, prometheus], { environment: "codfw" })],
        rendered: [
          rendered({ "mw-web/main": [siteReader()], ...releases }, { notRendered }),
          rendered({ "mw-web/main": ofMain, "mw-web/prometheus": [site] }, { environment: "codfw" }),
        ],
      })
        .filter(({ code }) => code === "dependency-differs")
        .map(({ remedy, environments }) => `${environments?.join(", ")}: ${remedy}`);
    const failed = [{ release: "mw-web/prometheus", message: "no values" }];
    expect(eqiad([siteReader()], failed)).toEqual([]);
    const made = eqiad([siteReader()], [], { "mw-web/prometheus": [] });
    expect(made).toEqual([
      "eqiad: let the values of mw-web/prometheus make it here too, or mount it only where it is made",
    ]);
  });

  it("who asks about some services is told of no others", () => {
    const all = tree([
      ...[main, prometheus, release("mw-web/stray")],
      ...shopTree.services.flatMap((one) => one.releases),
    ]);
    const shown = { ...manifests, ...shopManifests, "mw-web/main": [siteReader()], "mw-web/stray": [] };
    const south = { environment: "codfw" };
    const question = {
      ...well,
      trees: [all, { ...all, ...south }],
      rendered: [
        rendered(shown),
        rendered({ ...shown, "mw-web/prometheus": [...manifests["mw-web/prometheus"], site] }, south),
      ],
    };
    const subjects = (service: readonly string[], exclude: readonly string[]) => [
      ...new Set(
        checkRegistry(known, { ...question, selection: { service, exclude } }).map((one) => one.subject),
      ),
    ];
    expect(subjects(["shop"], [])).toEqual(["shop/web"]);
    expect(subjects([], ["shop"])).toEqual(["mw-web/stray", "mw-web/main"]);
  });
});

it("a release that has no class in one environment has no other one there, either", () => {
  const inTwo = {
    ...well,
    trees: [
      tree([main, prometheus]),
      tree([main, { ...prometheus, ...mediawiki }], { environment: "codfw" }),
    ],
  };
  expect(checkRegistry(known, { ...inTwo, rendered: [] }).map(({ code }) => code)).toEqual([
    "contradicting-class",
  ]);
});

it("what has no class does not hide how the rest is ordered, whether by it or not", () => {
  const stray = release("mw-web/stray");
  const needy = { ...main, needs: [stray.id] };
  const ordered = release("shop/web", { needs: [releaseId("shop", "db")] });
  const question = {
    ...{ trees: [tree([needy, prometheus, stray, release("shop/db"), ordered])], allEnvironments: true },
    rendered: [rendered({ ...manifests, ...shopManifests, "mw-web/stray": [] })],
  };
  const told = checkRegistry(known, question).filter(({ severity }) => severity !== "hint");
  expect(told.map(({ code, subject }) => `${code} ${subject}`)).toEqual([
    "unclassified-release mw-web/stray",
  ]);
});

it("without a tree nothing is looked for where it could be", () => {
  const messages = checkRegistry(known, { trees: [], allEnvironments: true }).map(({ message }) => message);
  expect(messages).toEqual([
    "namespaces.mw-web matches nothing in any environment",
    "rules[0] matches nothing in any environment",
    "services.prometheus matches nothing in any environment",
  ]);
});

it("who asks about some services is told what these need of others, and not what others need", () => {
  const shop = tree([
    release("shop/web"),
    release("shop/db", { service: "shop-db" }),
    release("shop/job", { service: "shop-db" }),
  ]);
  const shown = rendered({
    ...shopManifests,
    "shop/job": [deploymentManifest("job", ["$(DB_SERVICE_HOST)"], "      enableServiceLinks: false\n")],
  });
  const told = (service: readonly string[]) =>
    checkRegistry(registry(""), {
      ...{ trees: [shop], rendered: [shown], allEnvironments: true },
      selection: { service, exclude: [] },
    }).map(({ code, subject }) => `${code} ${subject}`);
  expect(told(["shop"])).toEqual(["uncovered-variable shop/web", "dns-instead shop/web"]);
  expect(told(["shop-db"])).toEqual(["no-service-links shop/job"]);
});

it("what is to be added to a list of the registry is told with what the list has, as no key may stand twice", () => {
  const rules = "rules:\n  - match: { chart: mediawiki }\n    class: mediawiki\n";
  const entry =
    "namespaces:\n  mw-web:\n    support: [cache]\n    mediawiki: [main]\n    other: [prometheus]\n";
  const all = tree([main, prometheus, release("mw-web/cache")]);
  const remedies = checkRegistry(registry(`${rules}${entry}`), { ...well, trees: [all] })
    .filter(({ code }) => code === "uncovered-variable")
    .map(({ remedy }) => remedy?.split("\n"));
  expect(remedies).toEqual([
    [
      "add this to the entry of mw-web in registry.yaml, in place of the one with the same key if there is one:",
      "namespaces:",
      "  mw-web:",
      "    support: [cache, prometheus]   # MediaWiki needs it first",
    ],
  ]);
});

it("what keeps others from being planned is not told to who did not ask about them", () => {
  const needy = release("shop/web", { needs: [releaseId("shop", "gone")], service: "shop" });
  // Two releases in an order, so that the service is split, and the plan has to carry its needs.
  const split = registry("namespaces:\n  shop:\n    sequence: [db, web]\n");
  const question = {
    trees: [tree([release("shop/db"), needy, release("toolhub/main")])],
    allEnvironments: true,
  };
  const codes = (service: string) =>
    checkRegistry(split, { ...question, selection: { service: [service], exclude: [] } }).map(
      ({ code }) => code,
    );
  expect(codes("shop")).toEqual(["unknown-need"]);
  expect(codes("toolhub")).toEqual([]);
});

describe("the findings as a whole", () => {
  /** A tree with a mistake of nearly every kind, in two environments. */
  const broken: CheckQuestion = {
    trees: [
      tree([main, prometheus, release("mw-web/stray"), release("shop/web"), release("shop/db")]),
      tree([main, { ...prometheus, installed: false }, release("shop/web"), release("shop/db")], {
        environment: "codfw",
        unreadable: [{ service: "toolhub", message: "no values" }],
      }),
    ],
    allEnvironments: true,
    rendered: [
      rendered({ ...manifests, ...shopManifests }),
      rendered({ "mw-web/main": [unlinkedReader()], ...shopManifests }, { environment: "codfw" }),
    ],
    deployments: deployments("- { namespace: mw-web, releases: { canary: {} } }\n"),
  };
  const withStage = registry(`
rules:
  - { match: { chart: mediawiki }, class: mediawiki }
namespaces:
  mw-web:
    support: [prometheus]
    mediawiki: [main]
  shpo:
    sequence: [db, web]
services:
  prometheus: { provides: [service/statsd] }
stages:
  - { name: first, services: [shop, toolhb] }
`);

  it("are told to people by severity, each with its place and what to do", () => {
    const findings = checkRegistry(withStage, broken);
    expect(renderFindings(findings, ["codfw", "eqiad"])).toMatchSnapshot();
  });

  it("are the same, byte for byte, whatever the order of what was read is", () => {
    const expected = JSON.stringify(checkRegistry(withStage, broken));
    const [first, second] = broken.trees.map((one) =>
      fc.tuple(fc.constant(one), shuffled(one.services)).chain(([whole, services]) =>
        fc.tuple(...services.map((service) => shuffled(service.releases))).map((releases) => ({
          ...whole,
          services: services.map((service, at) => ({ ...service, releases: releases[at] ?? [] })),
        })),
      ),
    );
    if (!first || !second) throw new Error("there are two trees");
    const trees = fc.tuple(first, second).chain(shuffled);
    fc.assert(
      fc.property(trees, shuffled(broken.rendered ?? []), (inOtherOrder, rendered) => {
        expect(JSON.stringify(checkRegistry(withStage, { ...broken, trees: inOtherOrder, rendered }))).toBe(
          expected,
        );
      }),
      { numRuns: runs(50) },
    );
  });

  it("of the recorded manifests are those that derive shows", async () => {
    const folder = fileURLToPath(new URL("../../fixtures/manifests", import.meta.url));
    const read = await readManifests(folder, { signal: new AbortController().signal });
    if (!read.ok) throw new Error(JSON.stringify(read.failure));
    const { releases } = read.value;
    const charts = { main: mediawiki, prometheus: exporter } as const;
    const listed = releases.map(({ id }) => {
      const name = id.slice(id.indexOf("/") + 1);
      return release(id, name === "main" || name === "prometheus" ? charts[name] : {});
    });
    const question = {
      ...well,
      trees: [tree(listed)],
      rendered: [renderedReleases(releases)],
    };
    const text = `
rules:
  - match: { chart: mediawiki }
    class: mediawiki
  - match: { release: [prometheus, mediawiki-common] }
    class: support
services:
  prometheus: { provides: [service/statsd-exporter-prometheus] }
`;
    const found = checkRegistry(registry(text), question).filter(({ severity }) => severity !== "hint");
    expect(found.map(({ severity, code, subject }) => `${severity} ${code} ${subject}`)).toMatchSnapshot();
  });
});

function shuffled<Value>(items: readonly Value[]): fc.Arbitrary<Value[]> {
  return fc.shuffledSubarray([...items], { minLength: items.length, maxLength: items.length });
}
