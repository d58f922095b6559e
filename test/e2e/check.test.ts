import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type OperatorShell, openOperatorShell } from "./support/operator-shell.ts";
import { describeWithTools } from "./support/tools.ts";

interface Answer {
  readonly environments: readonly string[];
  readonly rendered: readonly string[];
  readonly findings: readonly Found[];
  readonly proposal?: { readonly left: readonly { readonly finding: Found }[] };
}

interface Found {
  readonly code: string;
  readonly severity: string;
  readonly subject: string;
  readonly environments?: readonly string[];
}

describeWithTools("check with real helmfile", () => {
  let shell: OperatorShell;
  beforeEach(() => {
    shell = openOperatorShell();
  });
  afterEach(() => shell.close());

  const edit = (file: string, from: string, to: string) => {
    const text = readFileSync(file, "utf8");
    if (!text.includes(from)) throw new Error(`${file} does not hold ${from}`);
    writeFileSync(file, text.replace(from, to));
  };

  /** But for hints: each as `severity code subject (environments)`. */
  async function check(...words: string[]) {
    const { exitCode, stdout } = await shell.charlie(["check", "-o", "json", ...words]);
    const { environments, rendered, findings, proposal } = JSON.parse(stdout) as Answer;
    const tell = (found: readonly Found[]) =>
      found
        .filter(({ severity }) => severity !== "hint")
        .map((one) => `${one.severity} ${one.code} ${one.subject} (${one.environments?.join(", ") ?? ""})`);
    const left = proposal && { left: tell(proposal.left.map(({ finding }) => finding)) };
    return { exitCode, environments, rendered, told: tell(findings), ...left };
  }

  it("has nothing against a tree without a fault, in any environment", async () => {
    const names = ["codfw", "eqiad", "staging"];
    expect(await check("--exclude", "broken")).toEqual({
      exitCode: 0,
      environments: names,
      rendered: names,
      told: [],
    });
    // What helmfiles do beside reading is not to be heard.
    expect(shell.salLog()).toEqual([]);
  });

  it("finds what was broken in registry and tree, and what could not be read", async () => {
    // What has no fault is rendered by the other test. The registry's stages name some of it.
    for (const service of [
      "eventgate-main",
      "miscweb",
      "mw-mcrouter",
      "mw-page-content-change-enrich",
      "thumbor",
      "toolhub",
    ])
      rmSync(join(shell.servicesDir, service), { recursive: true });
    const ofStages = ["daemonsets: mw-mcrouter/main", "priority: thumbor", "priority: toolhub"].map(
      (entry) => `warning unused-entry stages.${entry} ()`,
    );
    const web = join(shell.servicesDir, "mw-web/helmfile.yaml");
    // T397685: MediaWiki in codfw without the exporter whose variable it reads.
    edit(
      web,
      "codfw:\n    values:\n      - releases: [canary, main, prometheus]",
      "codfw:\n    values:\n      - releases: [canary, main]",
    );
    edit(shell.registryFile, "chart: [statsd-exporter, mediawiki-common]", "chart: statsd-exporter");
    edit(shell.registryFile, "  shop: # MediaWiki", "  shopp: # MediaWiki");
    edit(
      shell.registryFile,
      "    support: [mediawiki-common, prometheus]\n    mediawiki: [main]",
      "    support: [prometheus]\n    other: [mediawiki-common]",
    );
    // Each run renders the charts of three environments: one is to tell everything.
    const { exitCode, told, left } = await check("--write", "--yes");
    expect({ exitCode, told }).toEqual({
      exitCode: 1,
      told: [
        "error unclassified-release shop/prometheus (codfw, eqiad)",
        "error unprovided-variable mw-web/canary (codfw)",
        "error unprovided-variable mw-web/main (codfw)",
        "warning dependency-differs mw-web/canary (codfw)",
        "warning dependency-differs mw-web/main (codfw)",
        "warning service-unreadable broken (codfw, eqiad, staging)",
        "warning support-not-installed mw-web/prometheus (codfw)",
        "warning uncovered-object mw-cron/main (codfw, eqiad)",
        "warning unused-entry namespaces.shopp ()",
        ...ofStages,
      ],
    });
    const after = readFileSync(shell.registryFile, "utf8");
    expect(after).toContain("\n  shop: # MediaWiki");
    expect(after).toContain("    support: [prometheus, mediawiki-common]\n");
    // What is wrong with the helmfile stays: nothing was hidden by a change of the registry.
    expect(left).toEqual([
      "error unprovided-variable mw-web/canary (codfw)",
      "error unprovided-variable mw-web/main (codfw)",
      "warning dependency-differs mw-web/canary (codfw)",
      "warning dependency-differs mw-web/main (codfw)",
      "warning service-unreadable broken (codfw, eqiad, staging)",
      "warning support-not-installed mw-web/prometheus (codfw)",
      ...ofStages,
    ]);
  });
});
