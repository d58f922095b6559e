import { expect, it } from "vitest";
import { readDeployed } from "../../src/core/check/deployed-releases.ts";
import { FakeCluster, helmRelease } from "../support/fake-cluster.ts";
import { registry } from "../support/registry.ts";
import { exporter, mediawiki, release, tree } from "../support/tree.ts";

const known = registry(`
namespaces:
  mw-web:
    support: [prometheus]
    mediawiki: [main]
  mw-far:
    mediawiki: [main]
kubeconfig: "/etc/{namespace}-{environment}.config"
`);
const listed = tree([
  release("mw-web/main", mediawiki),
  release("mw-web/prometheus", exporter),
  release("toolhub/main", { kubeconfig: "/etc/toolhub.config" }),
]);

it("only MediaWiki's namespaces that the tree lists are looked at, and what helm has not there is left out", async () => {
  const releases = [
    helmRelease("mw-web/main"),
    helmRelease("mw-web/half", { status: "pending-install" }),
    helmRelease("mw-web/gone", { status: "uninstalled" }),
    helmRelease("mw-web/stuck", { status: "pending-upgrade" }),
  ];
  const cluster = new FakeCluster({ "mw-web": { releases } });
  expect(await readDeployed(listed, { registry: known, open: cluster.open })).toEqual({
    environment: "eqiad",
    namespaces: [
      {
        namespace: "mw-web",
        releases: [
          { name: "main", status: "deployed" },
          { name: "stuck", status: "pending-upgrade" },
        ],
      },
    ],
  });
  expect(cluster.opened).toEqual([["/etc/mw-web-eqiad.config"]]);
  expect(cluster.asked).toEqual(["releases mw-web"]);
});

it("what cannot be read says why, and is never nothing", async () => {
  const cluster = new FakeCluster({ "mw-web": {} });
  cluster.fail("releases", { with: { kind: "forbidden", message: "403 for releases" } });
  const { namespaces } = await readDeployed(listed, { registry: known, open: cluster.open });
  expect(namespaces).toEqual([{ namespace: "mw-web", message: "403 for releases" }]);
});
