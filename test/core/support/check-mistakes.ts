import type { CheckQuestion } from "../../../src/core/check/check-facts.ts";
import { releaseId } from "../../../src/core/common/release.ts";
import { readRenderedObjects } from "../../../src/core/manifests/rendered-objects.ts";
import type { Registry } from "../../../src/core/registry/registry.ts";
import { registry } from "../../support/registry.ts";
import { deploymentManifest, rendered, serviceManifest } from "../../support/rendered.ts";
import { exporter, mediawiki, release, tree } from "../../support/tree.ts";

const knownText = `
rules:
  - match: { chart: mediawiki }
    class: mediawiki
namespaces:
  mw-web:
    support: [prometheus]
    mediawiki: [main]
services:
  prometheus: { provides: [service/exporter] }
`;
export const known = registry(knownText);
const requiredIn = (environments: string) =>
  registry(knownText.replace("[prometheus]", `[{ release: prometheus, environments: [${environments}] }]`));
export const main = release("mw-web/main", mediawiki);
export const prometheus = release("mw-web/prometheus", exporter);
const reader = deploymentManifest("main", ["$(EXPORTER_SERVICE_HOST)"]);
const provider = serviceManifest("exporter");
export const manifests = { "mw-web/main": [reader], "mw-web/prometheus": [provider] };

/** A registry and a tree without any fault. */
export const well: CheckQuestion = {
  trees: [tree([main, prometheus])],
  allEnvironments: true,
  rendered: [rendered(manifests)],
};

const shop = registry("");
const shopReader = deploymentManifest("web", ["$(DB_SERVICE_HOST)"]);
export const shopManifests = { "shop/web": [shopReader], "shop/db": [serviceManifest("db")] };
export const shopTree = tree([release("shop/db"), release("shop/web")]);
const orderedShop = registry("namespaces:\n  shop:\n    sequence: [db, web]\n");
export const deployments = (text: string) => ({ file: "deployments.yaml", text });
const scapsMain = deployments("- { namespace: mw-web, releases: { main: {} } }\n");

/** A pod that mounts the ConfigMap `site`. */
export function siteReader(optional = false): string {
  const volume = `{ name: v, configMap: { name: site, optional: ${optional} } }`;
  return deploymentManifest("main", [], `      volumes: [${volume}]\n`);
}
const [mounting, optional] = [siteReader(), siteReader(true)];
export const site = "kind: ConfigMap\nmetadata: { name: site }\n";
const settings = "kind: ConfigMap\nmetadata: { name: settings }\n";
const settingsVolume = "      volumes: [{ name: settings, configMap: { name: settings } }]\n";
const base = release("tools/base", { service: "shop" });
const allReader = deploymentManifest("main", ["$(EXPORTER_SERVICE_HOST)", "$(EXPORTER_SERVICE_PORT)"]);
/** Web and api need db; web needs cache, too, and db nothing. */
const manyReaders = {
  web: [deploymentManifest("web", ["$(DB_SERVICE_HOST)", "$(CACHE_SERVICE_HOST)"])],
  api: [deploymentManifest("api", ["$(DB_SERVICE_HOST)"])],
  db: [serviceManifest("db")],
  cache: [serviceManifest("cache"), deploymentManifest("cache", [])],
};
const relayed = {
  "mw-web/main": [reader],
  "mw-web/prometheus": [provider, deploymentManifest("exporter", ["$(RELAY_SERVICE_HOST)"])],
  "mw-web/relay": [serviceManifest("relay")],
};
const relayedMain: CheckQuestion = {
  ...well,
  trees: [tree([main, prometheus, release("mw-web/relay")])],
  rendered: [
    rendered({ ...relayed, "mw-web/main": [deploymentManifest("main", ["$(RELAY_SERVICE_HOST)"])] }),
  ],
};
const withSite = (ofMain: readonly string[], ofPrometheus: readonly string[]) => ({
  "mw-web/main": ofMain,
  "mw-web/prometheus": [provider, ...ofPrometheus],
});

/** Each mistake beside the same thing done right. */
interface Mistake {
  readonly code: string;
  readonly severity: string;
  readonly subject: string;
  readonly says: string;
  /** Its place; absent where it has none. */
  readonly at?: string;
  readonly wrong: readonly [Registry, CheckQuestion];
  readonly right: readonly [Registry, CheckQuestion];
}

export const mistakes: readonly Mistake[] = [
  {
    ...{ code: "unclassified-release", severity: "error", subject: "mw-web/stray", at: "registry.yaml:7" },
    says: "is in a MediaWiki namespace, and nothing in the registry says what it is",
    wrong: [known, { ...well, trees: [tree([main, prometheus, release("mw-web/stray")])] }],
    right: [known, well],
  },
  {
    ...{ code: "unclassified-release", severity: "error", subject: "mw-web/stray", at: "registry.yaml:7" },
    says: "is in a MediaWiki namespace, and nothing in the registry says what it is",
    // scap deploys it.
    wrong: [
      known,
      {
        ...well,
        trees: [tree([main, prometheus, release("mw-web/stray")])],
        deployments: deployments("- { namespace: mw-web, releases: { main: {}, stray: {} } }\n"),
      },
    ],
    right: [known, { ...well, deployments: scapsMain }],
  },
  {
    ...{ code: "unclassified-release", severity: "error", subject: "mw-web/stray", at: "registry.yaml:7" },
    says: "is in a MediaWiki namespace, and nothing in the registry says what it is",
    // Neither scap nor MediaWiki has to do with it: something else does.
    wrong: [
      registry(knownText.replace("[main]", "[main]\n    other: [relay]")),
      {
        ...well,
        trees: [tree([main, prometheus, release("mw-web/stray"), release("mw-web/relay")])],
        deployments: scapsMain,
        rendered: [
          rendered({
            ...manifests,
            "mw-web/stray": [serviceManifest("stray")],
            "mw-web/relay": [deploymentManifest("relay", ["$(STRAY_SERVICE_HOST)"])],
          }),
        ],
      },
    ],
    right: [known, { ...well, deployments: scapsMain }],
  },
  {
    ...{
      code: "contradicting-class",
      severity: "error",
      subject: "mw-web/prometheus",
      at: "registry.yaml:8",
    },
    says: "mw-web/prometheus is support by its namespace's entry, and mediawiki by the rule for its chart",
    wrong: [known, { ...well, trees: [tree([main, release("mw-web/prometheus", mediawiki)])] }],
    right: [known, well],
  },
  {
    ...{
      code: "contradicting-class",
      severity: "error",
      subject: "mw-web/prometheus",
      at: "registry.yaml:10",
    },
    says: "mw-web/prometheus is other by its namespace's entry, and mediawiki by the rule for its chart",
    // A rule before that one goes by its name.
    wrong: [
      registry(
        knownText
          .replace("rules:\n", "rules:\n  - match: { release: prom* }\n    class: support\n")
          .replace("support: [prometheus]", "other: [prometheus]"),
      ),
      { ...well, trees: [tree([main, release("mw-web/prometheus", mediawiki)])] },
    ],
    right: [known, well],
  },
  {
    ...{ code: "class-differs", severity: "warning", subject: "shop/web", at: "registry.yaml:4" },
    says: "shop/web is mediawiki in eqiad (chart wmf-stable/mediawiki), and other in codfw (chart wmf-stable/miscweb)",
    wrong: [
      known,
      {
        ...well,
        trees: [
          tree([release("shop/web", mediawiki)]),
          tree([release("shop/web")], { environment: "codfw" }),
        ],
      },
    ],
    right: [known, { ...well, trees: [shopTree, { ...shopTree, environment: "codfw" }] }],
  },
  {
    ...{ code: "unused-entry", severity: "warning", subject: "rules[0]", at: "registry.yaml:4" },
    says: "rules[0] matches nothing in eqiad",
    wrong: [known, { ...well, trees: [tree([release("mw-web/main"), prometheus])] }],
    right: [known, well],
  },
  {
    ...{ code: "unused-entry", severity: "warning", subject: "namespaces.mw-web", at: "registry.yaml:7" },
    says: "namespaces.mw-web matches nothing in eqiad",
    wrong: [known, { ...well, trees: [tree([release("mw-wed/main", mediawiki)])] }],
    right: [known, well],
  },
  {
    ...{
      code: "unused-entry",
      severity: "warning",
      subject: "namespaces.mw-web.support: prometheus",
      at: "registry.yaml:8",
    },
    says: "matches nothing in eqiad",
    wrong: [known, { ...well, trees: [tree([main])] }],
    right: [known, well],
  },
  {
    ...{
      code: "unused-entry",
      severity: "warning",
      subject: "namespaces.mw-web.support: prometheus in eqaid",
      at: "registry.yaml:8",
    },
    says: "matches nothing in eqiad",
    wrong: [requiredIn("eqaid"), well],
    // traindev is read only if it is asked for.
    right: [requiredIn("eqiad, traindev"), well],
  },
  {
    ...{
      code: "unused-entry",
      severity: "warning",
      subject: "namespaces.shop.sequence: bd",
      at: "registry.yaml:4",
    },
    says: "matches nothing in eqiad",
    wrong: [
      registry("namespaces:\n  shop:\n    sequence: [bd, web]\n"),
      { ...well, trees: [shopTree], rendered: [] },
    ],
    right: [orderedShop, { ...well, trees: [shopTree], rendered: [] }],
  },
  {
    ...{ code: "unused-entry", severity: "warning", subject: "services.promtheus", at: "registry.yaml:11" },
    says: "services.promtheus matches nothing in eqiad",
    wrong: [registry(knownText.replace("  prometheus:", "  promtheus:")), well],
    right: [known, well],
  },
  {
    ...{ code: "unused-entry", severity: "warning", subject: "services.prometheus", at: "registry.yaml:11" },
    says: "matches nothing in eqiad",
    wrong: [known, { ...well, trees: [tree([main])] }],
    right: [known, well],
  },
  {
    ...{ code: "unused-entry", severity: "warning", subject: "stages.first: shop/dv", at: "registry.yaml:3" },
    says: "matches nothing in eqiad",
    wrong: [
      registry("stages:\n  - { name: first, releases: [shop/dv] }\n"),
      { ...well, trees: [shopTree], rendered: [] },
    ],
    right: [
      registry("stages:\n  - { name: first, releases: [shop/d*] }\n"),
      { ...well, trees: [shopTree], rendered: [] },
    ],
  },
  {
    ...{ code: "unused-entry", severity: "warning", subject: "stages.first: shpo", at: "registry.yaml:3" },
    says: "matches nothing in eqiad",
    wrong: [
      registry("stages:\n  - { name: first, services: [shpo] }\n"),
      { ...well, trees: [shopTree], rendered: [] },
    ],
    right: [
      registry("stages:\n  - { name: first, services: [shop] }\n"),
      { ...well, trees: [shopTree], rendered: [] },
    ],
  },
  {
    ...{ code: "uncovered-variable", severity: "error", subject: "shop/web" },
    says: "shop/web needs DB_SERVICE_HOST of shop/db; nothing puts shop/db first, and a container that starts before it has no such variable until it is restarted (Deployment web, shop/web/all.yaml:10)",
    wrong: [shop, { ...well, trees: [shopTree], rendered: [rendered(shopManifests)] }],
    right: [orderedShop, { ...well, trees: [shopTree], rendered: [rendered(shopManifests)] }],
  },
  {
    ...{ code: "uncovered-object", severity: "warning", subject: "shop/web" },
    says: "shop/web needs settings of shop/db; nothing puts shop/db first, and its pods wait for that",
    wrong: [shop, { ...well, trees: [shopTree], rendered: [rendered(withConfigMap())] }],
    right: [orderedShop, { ...well, trees: [shopTree], rendered: [rendered(withConfigMap())] }],
  },
  {
    ...{ code: "dependency-cycle", severity: "error", subject: "shop/db → shop/web" },
    says: "none of these can be deployed first: shop/web needs shop/db (settings); shop/db needs shop/web (WEB_SERVICE_HOST)",
    // Others need one of them, or are needed by it; and of what one of them has of the other, it can do without some.
    wrong: [
      shop,
      shopOf({
        ...manyReaders,
        web: [
          deploymentManifest("web", [`\${DB_SERVICE_HOST:-none}`, "$(CACHE_SERVICE_HOST)"], settingsVolume),
          serviceManifest("web"),
        ],
        db: [serviceManifest("db"), settings, deploymentManifest("db", ["$(WEB_SERVICE_HOST)"])],
      }),
    ],
    right: [shop, { ...well, trees: [shopTree], rendered: [rendered(shopManifests)] }],
  },
  {
    ...{ code: "uncovered-variable", severity: "error", subject: "shop/web" },
    says: "shop/web needs CACHE_SERVICE_HOST of shop/cache; nothing puts shop/cache first",
    // Two of them need one another, and one of these needs a third.
    wrong: [
      shop,
      shopOf({
        web: [
          deploymentManifest("web", ["$(DB_SERVICE_HOST)", "$(CACHE_SERVICE_HOST)"]),
          serviceManifest("web"),
        ],
        db: [serviceManifest("db"), deploymentManifest("db", ["$(WEB_SERVICE_HOST)"])],
        cache: [serviceManifest("cache")],
      }),
    ],
    right: [shop, shopOf({ web: [shopReader, serviceManifest("web")], cache: [serviceManifest("cache")] })],
  },
  {
    ...{ code: "uncovered-variable", severity: "error", subject: "shop/api", at: "registry.yaml:3" },
    says: "shop/api needs DB_SERVICE_HOST of shop/db; nothing puts shop/db first",
    // Others need the same, or are needed by it, and so have a say in where it goes.
    wrong: [registry("namespaces:\n  shop:\n    sequence: [cache, api, web]\n"), shopOf(manyReaders)],
    right: [registry("namespaces:\n  shop:\n    sequence: [[db, cache], [api, web]]\n"), shopOf(manyReaders)],
  },
  {
    ...{ code: "uncovered-object", severity: "warning", subject: "shop/web" },
    says: "shop/web needs settings of tools/base; nothing puts tools/base first",
    wrong: [
      shop,
      {
        ...well,
        trees: [tree([release("shop/web"), base])],
        rendered: [rendered(inNamespace("tools"))],
      },
    ],
    right: [
      shop,
      {
        ...well,
        trees: [tree([release("shop/web", { needs: [releaseId("tools", "base")] }), base])],
        rendered: [rendered(inNamespace("tools"))],
      },
    ],
  },
  {
    ...{ code: "uncovered-variable", severity: "error", subject: "mw-web/prometheus", at: "registry.yaml:7" },
    says: "mw-web/prometheus needs RELAY_SERVICE_HOST of mw-web/relay; nothing puts mw-web/relay first",
    wrong: [
      registry(knownText.replace("[main]", "[main]\n    other: [relay]")),
      { ...well, trees: [tree([main, prometheus, release("mw-web/relay")])], rendered: [rendered(relayed)] },
    ],
    right: [
      registry(knownText.replace("[prometheus]", "[relay, prometheus]")),
      { ...well, trees: [tree([main, prometheus, release("mw-web/relay")])], rendered: [rendered(relayed)] },
    ],
  },
  {
    ...{ code: "uncovered-variable", severity: "error", subject: "mw-web/main", at: "registry.yaml:7" },
    says: "mw-web/main needs RELAY_SERVICE_HOST of mw-web/relay; nothing puts mw-web/relay first",
    wrong: [registry(knownText.replace("[main]", "[main]\n    other: [relay]")), relayedMain],
    right: [registry(knownText.replace("[prometheus]", "[relay, prometheus]")), relayedMain],
  },
  {
    ...{ code: "needless-order", severity: "hint", subject: "namespaces.shop.other", at: "registry.yaml:4" },
    says: "nothing in the other of shop was seen to need what stands before it",
    // The later one needs something else.
    wrong: [
      registry("namespaces:\n  shop:\n    other: [db, web]\n"),
      shopOf({
        web: [deploymentManifest("web", ["$(CACHE_SERVICE_HOST)"])],
        db: [],
        cache: [serviceManifest("cache")],
      }),
    ],
    right: [
      registry("namespaces:\n  shop:\n    other: [cache, web]\n"),
      shopOf({
        web: [deploymentManifest("web", ["$(CACHE_SERVICE_HOST)"])],
        db: [],
        cache: [serviceManifest("cache")],
      }),
    ],
  },
  {
    ...{ code: "needless-order", severity: "hint", subject: "mw-web/prometheus", at: "registry.yaml:8" },
    says: "mw-web/prometheus is support, and no manifest shows that a release needs it",
    wrong: [
      known,
      {
        ...well,
        rendered: [
          rendered({ "mw-web/main": [deploymentManifest("main", [])], "mw-web/prometheus": [provider] }),
        ],
      },
    ],
    right: [known, well],
  },
  {
    ...{
      code: "needless-order",
      severity: "hint",
      subject: "namespaces.shop.sequence",
      at: "registry.yaml:4",
    },
    says: "nothing in the sequence of shop was seen to need what stands before it",
    wrong: [
      registry("namespaces:\n  shop:\n    sequence: [web, db]\n"),
      { ...well, trees: [shopTree], rendered: [rendered(shopManifests)] },
    ],
    right: [orderedShop, { ...well, trees: [shopTree], rendered: [rendered(shopManifests)] }],
  },
  {
    ...{ code: "unprovided-variable", severity: "error", subject: "mw-web/main", at: "registry.yaml:7" },
    says: "mw-web/main reads EXPORTER_SERVICE_HOST, and no release of mw-web provides the Service exporter",
    wrong: [known, { ...well, rendered: [rendered({ "mw-web/main": [reader], "mw-web/prometheus": [] })] }],
    right: [known, well],
  },
  {
    ...{ code: "unprovided-variable", severity: "warning", subject: "mw-web/main", at: "registry.yaml:7" },
    says: "provides the Service exporter, unless what could not be read or rendered does",
    wrong: [
      known,
      {
        ...well,
        rendered: [
          rendered(
            { "mw-web/main": [reader] },
            { notRendered: [{ release: "mw-web/prometheus", message: "no site" }] },
          ),
        ],
      },
    ],
    right: [known, { ...well, rendered: [rendered({ "mw-web/main": [reader], "mw-web/prometheus": [] })] }],
  },
  {
    ...{ code: "unprovided-variable", severity: "error", subject: "mw-web/main", at: "registry.yaml:7" },
    says: "mw-web/main reads EXPORTER_SERVICE_HOST, and the Service exporter has no address of its own",
    wrong: [known, ofProvider(provider.replace("spec: {", "spec: { clusterIP: None,"))],
    right: [known, well],
  },
  {
    ...{ code: "unprovided-variable", severity: "error", subject: "mw-web/main", at: "registry.yaml:7" },
    says: "mw-web/main reads EXPORTER_SERVICE_PORT_HTTP, and the Service exporter has no such port",
    wrong: [known, ofProvider(provider, [deploymentManifest("main", ["$(EXPORTER_SERVICE_PORT_HTTP)"])])],
    right: [known, ofProvider(provider, [deploymentManifest("main", ["$(EXPORTER_SERVICE_PORT)"])])],
  },
  {
    ...{ code: "no-service-links", severity: "error", subject: "mw-web/main", at: "mw-web/main/all.yaml:11" },
    says: "mw-web/main reads EXPORTER_SERVICE_HOST, and its pods ask for no variables of Services",
    wrong: [known, { ...well, rendered: [rendered({ ...manifests, "mw-web/main": [unlinkedReader()] })] }],
    right: [known, well],
  },
  {
    ...{ code: "dependency-differs", severity: "warning", subject: "mw-web/main" },
    says: "mw-web/main gets EXPORTER_SERVICE_HOST from mw-web/prometheus in codfw, and from nobody here",
    wrong: [
      known,
      inTwo({
        codfw: rendered(manifests, { environment: "codfw" }),
        eqiad: rendered({ "mw-web/main": [reader], "mw-web/prometheus": [] }),
      }),
    ],
    right: [
      known,
      inTwo({ codfw: rendered(manifests, { environment: "codfw" }), eqiad: rendered(manifests) }),
    ],
  },
  {
    ...{ code: "dependency-differs", severity: "warning", subject: "mw-web/main" },
    says: "mw-web/main gets EXPORTER_SERVICE_PORT from mw-web/prometheus in codfw, and from nobody here",
    // There it reads others of the same Service, too.
    wrong: [
      known,
      inTwo({
        codfw: rendered({ ...manifests, "mw-web/main": [allReader] }, { environment: "codfw" }),
        eqiad: rendered({
          "mw-web/main": [deploymentManifest("main", ["$(EXPORTER_SERVICE_PORT)"])],
          "mw-web/prometheus": [],
        }),
      }),
    ],
    right: [
      known,
      inTwo({
        codfw: rendered(manifests, { environment: "codfw" }),
        eqiad: rendered({
          "mw-web/main": [deploymentManifest("main", ["$(EXPORTER_SERVICE_PORT)"])],
          "mw-web/prometheus": [],
        }),
      }),
    ],
  },
  {
    ...{ code: "dependency-differs", severity: "warning", subject: "mw-web/main" },
    says: "mw-web/main needs the ConfigMap site, which mw-web/main makes in codfw, and no release here",
    wrong: [
      known,
      inTwo({
        codfw: rendered(withSite([mounting, site], []), { environment: "codfw" }),
        eqiad: rendered(withSite([mounting], [])),
      }),
    ],
    // Nobody makes it anywhere, or it need not be there.
    right: [
      known,
      inTwo({
        codfw: rendered(withSite([mounting], []), { environment: "codfw" }),
        eqiad: rendered(withSite([mounting], [])),
      }),
    ],
  },
  {
    ...{ code: "dependency-differs", severity: "warning", subject: "mw-web/main" },
    says: "mw-web/main needs the ConfigMap site, which mw-web/prometheus makes in codfw, and no release here",
    wrong: [
      known,
      inTwo({
        codfw: rendered(withSite([optional], [site]), { environment: "codfw" }),
        eqiad: rendered(withSite([mounting], [])),
      }),
    ],
    right: [
      known,
      inTwo({
        codfw: rendered(withSite([mounting], [site]), { environment: "codfw" }),
        eqiad: rendered(withSite([optional], [])),
      }),
    ],
  },
  {
    ...{
      code: "support-not-installed",
      severity: "warning",
      subject: "mw-web/prometheus",
      at: "registry.yaml:8",
    },
    says: "MediaWiki in mw-web requires mw-web/prometheus, which no helmfile installs",
    wrong: [known, { ...well, trees: [tree([main, { ...prometheus, installed: false }])] }],
    right: [known, well],
  },
  {
    ...{ code: "service-not-made", severity: "error", subject: "mw-web/prometheus", at: "registry.yaml:11" },
    says: "the registry says that mw-web/prometheus provides the Service exporter, and its manifests make only metrics",
    wrong: [
      known,
      {
        ...well,
        rendered: [rendered({ ...manifests, "mw-web/prometheus": [serviceManifest("metrics"), site] })],
      },
    ],
    right: [known, well],
  },
  {
    ...{ code: "service-not-named", severity: "error", subject: "mw-web/prometheus", at: "registry.yaml:11" },
    says: "mw-web/main reads variables of the Service statsd, which mw-web/prometheus makes and the registry does not name",
    wrong: [
      known,
      {
        ...well,
        rendered: [
          rendered({
            "mw-web/main": [deploymentManifest("main", ["$(STATSD_SERVICE_HOST)"])],
            "mw-web/prometheus": [provider, serviceManifest("statsd")],
          }),
        ],
      },
    ],
    right: [
      known,
      {
        ...well,
        rendered: [rendered({ ...manifests, "mw-web/prometheus": [provider, serviceManifest("statsd")] })],
      },
    ],
  },
  {
    ...{ code: "only-in-deployments", severity: "error", subject: "mw-web/canary", at: "registry.yaml:7" },
    says: "scap deploys mw-web/canary, and neither registry nor helmfiles know it",
    wrong: [
      known,
      { ...well, deployments: deployments("- { namespace: mw-web, releases: { main: {}, canary: {} } }\n") },
    ],
    right: [known, { ...well, deployments: scapsMain }],
  },
  {
    ...{
      code: "only-in-deployments",
      severity: "error",
      subject: "mw-web/prometheus",
      at: "registry.yaml:8",
    },
    says: "scap deploys mw-web/prometheus, and the registry says it is support",
    wrong: [
      known,
      {
        ...well,
        deployments: deployments("- { namespace: mw-web, releases: { main: {}, prometheus: {} } }\n"),
      },
    ],
    right: [known, { ...well, deployments: scapsMain }],
  },
  {
    ...{ code: "not-in-deployments", severity: "error", subject: "mw-web/main", at: "registry.yaml:9" },
    says: "mw-web/main is MediaWiki's, which is left to scap, and scap leaves it alone: it says deploy: false",
    wrong: [
      known,
      {
        ...well,
        deployments: deployments("- { namespace: mw-web, releases: { main: { deploy: false } } }\n"),
      },
    ],
    right: [known, { ...well, deployments: scapsMain }],
  },
  {
    ...{ code: "not-in-deployments", severity: "error", subject: "eqiad" },
    says: "deployments.yaml names nothing that scap deploys here, where helmfiles install 1 releases of MediaWiki",
    wrong: [
      known,
      {
        ...well,
        deployments: deployments("- { namespace: mw-web, clusters: [codfw], releases: { main: {} } }\n"),
      },
    ],
    right: [known, { ...well, deployments: scapsMain }],
  },
  {
    ...{ code: "deployed-not-listed", severity: "warning", subject: "mw-web/old" },
    says: "mw-web/old is in the cluster (failed), and no helmfile installs it",
    wrong: [known, deployed({ main: "deployed", prometheus: "deployed", old: "failed" })],
    right: [known, deployed({ main: "deployed", prometheus: "deployed" })],
  },
  {
    ...{
      code: "support-not-deployed",
      severity: "warning",
      subject: "mw-web/prometheus",
      at: "registry.yaml:8",
    },
    says: "MediaWiki in mw-web requires mw-web/prometheus, which is failed in the cluster",
    wrong: [known, deployed({ main: "deployed", prometheus: "failed" })],
    right: [known, deployed({ main: "deployed", prometheus: "deployed" })],
  },
  {
    ...{
      code: "support-not-deployed",
      severity: "warning",
      subject: "mw-web/prometheus",
      at: "registry.yaml:8",
    },
    says: "MediaWiki in mw-web requires mw-web/prometheus, which is not in the cluster",
    wrong: [known, deployed({ main: "deployed" })],
    // Nobody wants it there: that is another mistake.
    right: [
      known,
      { ...deployed({ main: "deployed" }), trees: [tree([main, { ...prometheus, installed: false }])] },
    ],
  },
  {
    ...{ code: "cluster-unreadable", severity: "warning", subject: "mw-web" },
    says: "what is deployed in mw-web could not be read: 403",
    wrong: [
      known,
      {
        ...well,
        deployed: [{ environment: "eqiad", namespaces: [{ namespace: "mw-web", message: "403" }] }],
      },
    ],
    right: [known, deployed({})],
  },
  {
    ...{ code: "service-unreadable", severity: "warning", subject: "toolhub" },
    says: "the service toolhub could not be read, so that nothing of it is checked: no values",
    wrong: [
      known,
      {
        ...well,
        trees: [tree([main, prometheus], { unreadable: [{ service: "toolhub", message: "no values" }] })],
      },
    ],
    right: [known, well],
  },
  {
    ...{ code: "chart-not-rendered", severity: "warning", subject: "mw-web/other" },
    says: "mw-web/other could not be rendered, so that what it needs is not checked: Error: a site must be given",
    wrong: [known, { ...well, rendered: [rendered(manifests, { notRendered: [helmsFailure()] })] }],
    right: [known, well],
  },
  {
    ...{
      code: "no-object",
      severity: "warning",
      subject: "mw-web/main/all.yaml",
      at: "mw-web/main/all.yaml:1",
    },
    says: "this document is no object of Kubernetes: it has no kind, or no name",
    wrong: [known, withUnreadable("metadata: { name: x }\n")],
    right: [known, withUnreadable(reader)],
  },
  {
    ...{ code: "manifests-missing", severity: "warning", subject: "eqiad" },
    says: "the manifests have nothing of mw-web/prometheus, so that what these need is not checked",
    wrong: [known, { ...well, rendered: [rendered({ "mw-web/main": [] })] }],
    right: [known, well],
  },
  {
    ...{ code: "unknown-need", severity: "error", subject: "plan" },
    says: "mw-web/main needs mw-web/gone, which mw-web/helmfile.yaml does not list",
    wrong: [
      known,
      { ...well, trees: [tree([{ ...main, needs: [releaseId("mw-web", "gone")] }, prometheus])] },
    ],
    right: [known, well],
  },
  {
    ...{ code: "dns-instead", severity: "hint", subject: "mw-web/main" },
    says: "a name in DNS works whenever its Service is made",
    wrong: [known, well],
    right: [
      known,
      {
        ...well,
        rendered: [
          rendered({
            ...manifests,
            "mw-web/main": [deploymentManifest("main", ["exporter.mw-web.svc.cluster.local"])],
          }),
        ],
      },
    ],
  },
];

function shopOf(ofReleases: Readonly<Record<string, readonly string[]>>): CheckQuestion {
  const named = Object.entries(ofReleases).map(([name, texts]) => [`shop/${name}`, texts] as const);
  const trees = [tree(named.map(([id]) => release(id)))];
  return { ...well, trees, rendered: [rendered(Object.fromEntries(named))] };
}

function ofProvider(service: string, ofMain: readonly string[] = [reader]): CheckQuestion {
  return { ...well, rendered: [rendered({ "mw-web/main": ofMain, "mw-web/prometheus": [service] })] };
}

function withUnreadable(text: string): CheckQuestion {
  const { faults } = readRenderedObjects({ file: "mw-web/main/all.yaml", text });
  return { ...well, rendered: [rendered(manifests, { faults })] };
}

/** A release of shop whose pods are in another namespace, and mount what a release of that one makes. */
function inNamespace(namespace: string) {
  const { "shop/web": web, "shop/db": made } = withConfigMap();
  const moved = web.map((text) => text.replace("{ name: web }", `{ name: web, namespace: ${namespace} }`));
  return { "shop/web": moved, [`${namespace}/base`]: made };
}

function withConfigMap() {
  return { "shop/web": [deploymentManifest("web", [], settingsVolume)], "shop/db": [settings] };
}

export function unlinkedReader(): string {
  return deploymentManifest("main", ["$(EXPORTER_SERVICE_HOST)"], "      enableServiceLinks: false\n");
}

function inTwo({ codfw, eqiad }: Record<"codfw" | "eqiad", ReturnType<typeof rendered>>): CheckQuestion {
  const releases = [main, prometheus];
  return {
    ...well,
    trees: [tree(releases), tree(releases, { environment: "codfw" })],
    rendered: [codfw, eqiad],
  };
}

function deployed(statuses: Readonly<Record<string, string>>): CheckQuestion {
  const releases = Object.entries(statuses).map(([name, status]) => ({ name, status }));
  return { ...well, deployed: [{ environment: "eqiad", namespaces: [{ namespace: "mw-web", releases }] }] };
}

function helmsFailure() {
  const message = `in x: command "helm" exited\n\nSTDERR:\n  Error: a site must be given\n  Use --debug\n\nCOMBINED`;
  return { release: "mw-web/other", message };
}
