import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { type BuiltCommand, buildCommand } from "./support/built-command.ts";
import { runInProcess } from "./support/in-process.ts";
import { mediawikiInventory } from "./support/small-inventory.ts";

let command: BuiltCommand;
beforeAll(async () => {
  command = await buildCommand();
});
afterAll(() => command.remove());

const registry = "fixtures/e2e/registry.yaml";
const eqiad = "fixtures/inventories/services-eqiad.json";

/** Asks for an explanation with this package's plugin and the small registry. */
function explain(words: readonly string[], inventory = mediawikiInventory()) {
  const own = ["--plugin", command.folder, "--registry", registry, "--inventory", inventory];
  return runInProcess(["explain", ...words, ...own]);
}

interface Answer {
  readonly version: number;
  readonly mode: string;
  readonly subject: string;
  readonly releases: readonly {
    readonly release: string;
    readonly class: string;
    readonly fate: { readonly kind: string; readonly wouldBeIncluded?: readonly string[] };
    readonly commands: readonly (readonly string[])[];
  }[];
}

async function answer(words: readonly string[], inventory?: string): Promise<Answer> {
  const { exitCode, stdout } = await explain([...words, "-o", "json"], inventory);
  expect(exitCode).toBe(0);
  expect(stdout.trimEnd()).not.toContain("\n");
  return JSON.parse(stdout) as Answer;
}

describe("explain", () => {
  it("tells people all that is known of a release, by the plugin's own rollout", async () => {
    const { exitCode, stdout, stderr } = await explain(["mw-web/prometheus"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout.replace(/--file \S*services/, "--file …")).toBe(
      [
        "mw-web/prometheus in north, for a restore",
        "  class: support: namespaces.mw-web.support names it (fixtures/e2e/registry.yaml:13:15)",
        "    13 |     support: [prometheus]",
        "       |               ^^^^^^^^^^",
        "  from: the service mw-web (mw-web/helmfile.yaml), chart wmf-stable/statsd-exporter",
        "  belongs to north: yes",
        "  stage: support (1 of 3), with a gate behind it",
        "  waits for: nothing",
        "  waited for by:",
        "    the command of the stage mediawiki: the gate of the stage support",
        "  provides: Service statsd-exporter-prometheus",
        "  runs:",
        "    helmfile --file …/mw-web/helmfile.yaml --environment north -l namespace=mw-web,name=prometheus sync",
        "  takes about 30.0 s (a guess)",
        "",
      ].join("\n"),
    );
  });

  it("answers programs in one line, for each release of a service, and with the same bytes twice", async () => {
    const first = await answer(["mw-web"]);
    expect(first).toMatchObject({ version: 1, mode: "restore", subject: "mw-web" });
    expect(first.releases.map(({ release, class: name, fate }) => [release, name, fate.kind])).toEqual([
      ["mw-web/main", "mediawiki", "handed-over"],
      ["mw-web/prometheus", "support", "deployed"],
    ]);
    expect(first.releases[0]?.commands).toEqual([["mediawiki-handoff", "north"]]);
    expect(await answer(["mw-web"])).toEqual(first);
  });

  it("goes by the rollout that --mode names", async () => {
    const { mode, releases } = await answer(["toolhub", "--mode", "apply"]);
    expect(mode).toBe("apply");
    expect(releases[0]?.commands[0]?.slice(-3)).toEqual(["apply", "--context", "5"]);
  });

  it.each([
    [["mw-web/main", "--mode", "apply"], ["with --with-mediawiki"]],
    [["toolhub/main", "--support-only"], ["without --support-only"]],
    [
      ["toolhub/main", "--exclude", "toolhub"],
      ["without what narrows the selection (-s, --exclude, --resume_at)"],
    ],
    [
      ["toolhub/main", "-s", "shop", "--support-only"],
      ["without --support-only, without what narrows the selection (-s, --exclude, --resume_at)"],
    ],
    [["mw-web/prometheus"], undefined],
  ])("says what would have a release deployed, by asking for that plan: %j", async (words, ways) => {
    const { releases } = await answer(words);
    expect(releases[0]?.fate.wouldBeIncluded).toEqual(ways);
  });

  it.each([
    [
      ["mw-web/promtheus"],
      'there is no release, service or namespace "mw-web/promtheus" in north: did you mean mw-web/prometheus?',
    ],
    [["tolhub"], 'there is no release, service or namespace "tolhub" in north: did you mean toolhub?'],
    [
      ["prometheus"],
      'there is no release, service or namespace "prometheus" in north: say whose: mw-web/prometheus, shop/prometheus',
    ],
    [["zzzzzz"], 'there is no release, service or namespace "zzzzzz" in north: `list` has all releases'],
    [[], "explain what? Name a release (NAMESPACE/NAME) or a service"],
    [["a", "b"], '"b" is one word too many: behind the verb explain stand one release or service, and flags'],
  ])("refuses %j", async (words, message) => {
    expect(await explain(words)).toEqual({ exitCode: 2, stdout: "", stderr: `${message}\n` });
  });

  it("of a service that has nothing here says so, and of one that could not be read that it is not known", async () => {
    expect(await explain(["failoid-ng"], eqiad)).toMatchObject({
      exitCode: 0,
      stdout: "the service failoid-ng has nothing in eqiad\n",
    });
    const unreadable = await explain(["cirrus-streaming-updater"], eqiad);
    expect(unreadable).toMatchObject({ exitCode: 3, stdout: "" });
    expect(unreadable.stderr).toContain("the service cirrus-streaming-updater could not be read in eqiad: ");
  });

  it("of a release whose namespace nothing classifies says so, and why there is no plan", async () => {
    const inventory = {
      ...{ version: 1, environment: "north", absent: [], errors: [] },
      services: [
        {
          service: "mw-web",
          helmfile: "mw-web/helmfile.yaml",
          releases: [{ name: "stray", namespace: "mw-web", chart: "wmf-stable/stray" }],
        },
      ],
    };
    const file = join(temporaryFolder({ "inventory.json": JSON.stringify(inventory) }), "inventory.json");
    const { exitCode, stdout } = await explain(["mw-web/stray"], file);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("  class: unclassified: its namespace holds MediaWiki");
    expect(stdout).toContain("  no plan:\n    fixtures/e2e/registry.yaml:12:3: error: mw-web/stray");
  });

  it("knows what another plugin says, and what it calls its rollouts", async () => {
    const own = ["--plugin", "fixtures/plugins/databases-first", "--inventory", "fixtures/plugins/shop.json"];
    const list = await runInProcess(["list", ...own, "-o", "json"]);
    const { releases } = JSON.parse(list.stdout) as {
      releases: { namespace: string; name: string; class: string; installed: boolean }[];
    };
    const one = releases.find((release) => release.class === "application" && release.installed);
    const { exitCode, stdout } = await runInProcess(["explain", `${one?.namespace}/${one?.name}`, ...own]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("  class: application: its chart is ");
    expect(stdout).toMatch(/^ {2}stage: applications \(2 of 2\)$/m);
    const without = await runInProcess([
      "explain",
      "mw-web",
      "--no-plugin",
      "--inventory",
      mediawikiInventory(),
    ]);
    expect(without).toMatchObject({ exitCode: 0, stderr: "" });
    expect(without.stdout).toContain("mw-web/prometheus in north, for an apply\n  class: other: no plugin:");
  });
});
