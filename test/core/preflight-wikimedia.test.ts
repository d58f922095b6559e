import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { renderDiagnostics } from "../../src/core/common/diagnostic.ts";
import type { Tree } from "../../src/core/common/release.ts";
import { preflight, readinessOf } from "../../src/core/preflight/preflight.ts";
import type { PreflightReport } from "../../src/core/preflight/preflight-report.ts";
import { classify } from "../../src/core/registry/classify.ts";
import { providedBy } from "../../src/core/registry/provided-services.ts";
import type { Registry } from "../../src/core/registry/registry.ts";
import { parseRegistry } from "../../src/core/registry/registry-parse.ts";
import { parseInventory } from "../../src/core/tree/inventory.ts";
import { FakeCluster, type FakeNamespace, helmRelease, pod, service } from "../support/fake-cluster.ts";

const root = new URL("../../", import.meta.url);
const registry = wikimedia();

function wikimedia(): Registry {
  const text = readFileSync(new URL("registry.yaml", root), "utf8");
  const parsed = parseRegistry({ file: "registry.yaml", text });
  if (!parsed.ok) throw new Error(renderDiagnostics(parsed.failure));
  return parsed.value;
}

function inventory(environment: string): Tree {
  const file = `fixtures/inventories/services-${environment}.json`;
  const parsed = parseInventory({ file, text: readFileSync(new URL(file, root), "utf8") });
  if (!parsed.ok) throw new Error(renderDiagnostics(parsed.failure));
  return parsed.value;
}

/** A cluster with the namespaces of a tree, and in them what helmfile installs, as far as a class is deployed. */
function cluster(tree: Tree, classes: readonly string[]): FakeCluster {
  const contents = new Map<string, Required<Pick<FakeNamespace, "releases" | "services" | "pods">>>();
  for (const { release, class: releaseClass } of classify(tree, registry).releases) {
    const found = contents.get(release.namespace) ?? { releases: [], services: [], pods: [] };
    const isThere = release.installed && classes.includes(releaseClass);
    const names = providedBy(release.id, registry);
    contents.set(release.namespace, {
      releases: isThere ? [...found.releases, helmRelease(release.id)] : found.releases,
      services: isThere ? [...found.services, ...names.map((name) => service(name))] : found.services,
      pods: isThere ? [...found.pods, pod(release.id, `${release.name}-1`)] : found.pods,
    });
  }
  return new FakeCluster(Object.fromEntries(contents));
}

function ask(tree: Tree, classes: readonly string[], options = { withTree: true }): Promise<PreflightReport> {
  const { environment } = tree;
  const question = options.withTree ? { environment, tree } : { environment };
  return preflight(question, { registry, open: cluster(tree, classes).open });
}

function namespacesOf(report: PreflightReport, isReady: boolean): string[] {
  const found = report.targets.filter(({ ready }) => ready === isReady).map(({ namespace }) => namespace);
  return [...new Set(found)];
}

function reasons(report: PreflightReport): string[] {
  return report.targets
    .filter(({ ready }) => ready)
    .flatMap(({ namespace, release, findings }) =>
      findings.map(
        ({ code, message }) => `${namespace}/${release} ${code}: ${message.replace(/:\d+:\d+/, "")}`,
      ),
    );
}

describe("Wikimedia's clusters", () => {
  it("eqiad with empty namespaces is not ready, but for mw-videoscaler, which needs nothing", async () => {
    const report = await ask(inventory("eqiad"), []);
    expect(readinessOf(report)).toBe("not-ready");
    expect(namespacesOf(report, false)).toEqual([
      "mw-api-ext",
      "mw-api-int",
      "mw-cron",
      "mw-debug",
      "mw-experimental",
      "mw-jobrunner",
      "mw-misc",
      "mw-parsoid",
      "mw-pretrain",
      "mw-script",
      "mw-web",
      "mw-wikifunctions",
    ]);
    expect(reasons(report)).toEqual([
      "mw-videoscaler/main nothing-required: MediaWiki needs nothing first: the registry names no support release for mw-videoscaler (registry.yaml)",
    ]);
    const codes = report.targets.flatMap(({ findings }) => findings.map(({ code }) => code));
    expect([...new Set(codes)]).toEqual(["support-missing", "service-missing", "nothing-required"]);
  });

  it("staging with empty namespaces waits for mw-script's exporter, and traindev for nothing", async () => {
    expect(await ask(inventory("staging"), [])).toMatchObject({
      ready: false,
      targets: [
        {
          namespace: "mw-script",
          release: "*",
          findings: [
            { subject: "release mw-script/prometheus", code: "support-missing" },
            { subject: "service mw-script/statsd-exporter-prometheus", code: "service-missing" },
          ],
        },
      ],
    });
    const traindev = await ask(inventory("traindev"), []);
    expect(readinessOf(traindev)).toBe("ready");
    const reason =
      "nothing-required: MediaWiki needs nothing first: the registry requires prometheus in eqiad, codfw, not in traindev (registry.yaml)";
    expect(reasons(traindev)).toEqual([
      `mw-debug/pinkunicorn ${reason}`,
      `mw-web/canary ${reason}`,
      `mw-web/main ${reason}`,
    ]);
  });

  it.each(["eqiad", "staging", "traindev"])(
    "%s is ready with its support, with and without MediaWiki",
    async (environment) => {
      const tree = inventory(environment);
      for (const classes of [["support"], ["support", "mediawiki"]]) {
        const report = await ask(tree, classes);
        expect(report.targets.length).toBeGreaterThan(0);
        expect(report.targets.filter(({ ready }) => !ready)).toEqual([]);
        // Nothing of mw-script is listed: its releases come at run time.
        const existing = report.targets.filter(({ release }) => release !== "*").map(({ exists }) => exists);
        expect(new Set(existing)).toEqual(
          new Set(existing.length > 0 ? [classes.includes("mediawiki")] : []),
        );
      }
    },
  );

  it("eqiad is judged the same from the registry alone", async () => {
    for (const classes of [[], ["support", "mediawiki"]]) {
      const verdicts = async (withTree: boolean) => {
        const { targets } = await ask(inventory("eqiad"), classes, { withTree });
        return Object.fromEntries(targets.map(({ namespace, ready }) => [namespace, ready]));
      };
      expect(await verdicts(false)).toEqual(await verdicts(true));
    }
  });

  it("the registry alone does not know which namespaces an environment has: it says how to find out", async () => {
    const report = await ask(inventory("traindev"), ["support"], { withTree: false });
    const missing = report.targets.filter(({ findings }) => findings[0]?.code === "namespace-missing");
    expect(missing.map(({ namespace }) => namespace)).toContain("mw-api-ext");
    expect(missing[0]?.findings[0]?.remedy).toContain("--inventory FILE or --services_dir DIR");
    expect(namespacesOf(report, true)).toEqual(["mw-debug", "mw-web"]);
  });
});
