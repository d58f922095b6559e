import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import ownManifest from "../../plugin.json" with { type: "json" };
import { manifestSchema } from "../../src/core/hooks/plugin-manifest.ts";
import { parseArguments } from "../../src/host/arguments.ts";
import { ownVerbs } from "../../src/host/own-verbs.ts";
import { type BuiltCommand, buildCommand, repository } from "../host/support/built-command.ts";
import { deployedBy } from "../host/support/cluster-behind.ts";
import { startFakeKubernetes } from "../support/fake-kubernetes.ts";
import { namespace } from "../support/kubernetes-objects.ts";
import { type DocsWorld, docsWorld } from "./support/docs-world.ts";
import { type Block, codeOf, loadPages } from "./support/markdown.ts";
import { charlieArguments, shellCommands } from "./support/shell-words.ts";

const pages = loadPages();
const blocks = pages.flatMap((page) => page.blocks);
const manifest = manifestSchema.parse(ownManifest);

/** A line of shell that the docs show, with the output that they show below it. */
interface Shown {
  readonly place: string;
  readonly line: string;
  readonly output?: string;
}

/** `sh` blocks hold commands; in `console` blocks they stand behind `$`, and their output below. */
function commandsIn({ language, text, place }: Block): readonly Shown[] {
  if (language === "sh")
    return text
      .split(/(?<!\\)\n/)
      .filter(Boolean)
      .map((line) => ({ place, line }));
  if (language !== "console") return [];
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [line = "", ...output] = part.split("\n");
      const shown = output.join("\n").trimEnd();
      return { place, line, ...(shown === "" ? {} : { output: shown }) };
    });
}

const shown = blocks.flatMap(commandsIn);

/** Commands in backquotes, and in what else is shown: those that a report tells people to run. */
const mentioned: readonly Shown[] = [
  ...pages.flatMap((page) => codeOf(page)).filter(({ text }) => /(^| )charlie-mediawiki( |$)/.test(text)),
  ...blocks
    .filter(({ language }) => language === "")
    .flatMap(({ text, place }) =>
      [...text.matchAll(/\b(charlie-mediawiki [a-z-].*)$/gm)].map(([, command = ""]) => ({
        text: command,
        place,
      })),
    ),
].map(({ text, place }) => ({ place, line: text.replace(/\bRUN$/, "codfw-20260101T000000Z-1") }));

function parse(argv: readonly string[]): string {
  // The journal of the run says which verb it was.
  const words = argv[0] === "--resume" ? ["restore", ...argv] : argv;
  const settings = parseArguments(words, { manifest, version: "0" });
  return settings === "answered" ? "--help or --version" : settings.verb;
}

describe("every command that is shown", () => {
  it("is one of many", () => {
    expect(shown.flatMap(({ line }) => charlieArguments(line)).length).toBeGreaterThan(15);
    expect(mentioned.length).toBeGreaterThan(3);
  });

  it.each([...shown, ...mentioned].filter(({ line }) => /charlie-mediawiki/.test(line)))(
    "$place: $line is understood by the command",
    ({ line }) => {
      for (const argv of charlieArguments(line)) if (!isTool(argv)) expect(parse(argv)).not.toBe("");
    },
  );
});

/** What is asked of the tool itself is answered on the spot: the snapshots of the help have it. */
function isTool(argv: readonly string[]): boolean {
  return argv.length === 0 || argv.includes("--help") || argv.includes("--version");
}

describe("the help of each verb", () => {
  const verbs = [
    ...ownVerbs.map(({ name, example }) => ({ name, example })),
    ...(manifest.verbs ?? []).map(({ name }) => ({ name, example: `${name} -e codfw` })),
  ];
  it.each(verbs)("has an example for $name that is understood", ({ name, example }) => {
    const [argv = []] = charlieArguments(`charlie-mediawiki ${example}`);
    expect(parse(argv)).toBe(name);
  });
});

describe("npm scripts that are named", () => {
  const texts = [
    ...shown.map(({ line, place }) => ({ text: line, place })),
    ...pages.flatMap((page) => codeOf(page)),
  ];
  it("are there", () => {
    const names = texts.flatMap(({ text, place }) =>
      [...text.matchAll(/\bnpm (?:run )?(test|[a-z]+(?::[a-z0-9]+)*)/g)].map(([, name = ""]) => ({
        name,
        place,
      })),
    );
    expect(names.length).toBeGreaterThan(5);
    const scripts = new Set([...Object.keys(packageJson.scripts), "ci", "install", "pack"]);
    expect(names.filter(({ name }) => !scripts.has(name))).toEqual([]);
  });
});

/** How a verb that the docs show is run, or why it is only parsed. Flags are added: the world of this test is its own. */
interface Way {
  readonly flags?: (world: DocsWorld) => readonly string[];
  /** Words that stand for something else, and for what. */
  readonly instead?: readonly [string, string];
  /** @default 0 */
  readonly exitCode?: number;
  readonly onlyParsed?: string;
}

const services = ({ servicesDir }: DocsWorld) => ["--services_dir", servicesDir];
const registry = ({ registryFile }: DocsWorld) => ["--registry", registryFile];
const all = (world: DocsWorld) => [...services(world), ...registry(world)];
const journals = ({ stateFolder }: DocsWorld) => ["--state_dir", stateFolder];
const planned = (world: DocsWorld) => [...all(world), "--dry_run"];

const ways: Readonly<Record<string, Way>> = {
  list: { flags: all },
  plan: { flags: all },
  explain: { flags: all },
  runbook: { flags: all },
  inventory: { flags: services },
  // Of other releases there are no manifests to render.
  derive: { flags: (world) => [...services(world), "--inventory", world.renderedInventory] },
  // The cluster is empty, and the tree has finds: mw-videoscaler lacks its exporter.
  check: { flags: (world) => [...all(world), "-s", "mw-videoscaler"], exitCode: 1 },
  preflight: { flags: registry },
  runs: { flags: journals },
  report: { flags: journals },
  hook: { flags: registry, instead: ["NAME", "rollout:plan"] },
  // These deploy: here they only say what they would do. test/e2e deploys for real.
  diff: { flags: planned },
  apply: { flags: planned },
  restore: { flags: planned },
  demo: { onlyParsed: "it takes ten seconds by design: .ci/run runs it, and test/package" },
};

/** What is different for one command. */
const exceptions: Readonly<Record<string, Way>> = {
  // test/package runs the demo; any journal that was copied will do.
  "npx charlie-mediawiki report ./demo.ndjson -o html > demo.html": {
    instead: ["./demo.ndjson", "./codfw-20261005T110000Z-42.ndjson"],
  },
  "npx charlie-mediawiki preflight -e eqiad --deployments mediawiki-deployments.yaml": {
    flags: registry,
    exitCode: 1,
  },
  "charlie-mediawiki check --write": {
    flags: (world) => [...all(world), "-s", "mw-videoscaler", "--dry_run"],
    exitCode: 1,
  },
  "npx charlie-mediawiki preflight -e eqiad": { flags: registry, exitCode: 1 },
  "charlie-mediawiki check --inventory eqiad.json": { flags: registry, exitCode: 1 },
  "npx charlie-mediawiki plan --mode restore --inventory eqiad.json -o json": { flags: registry },
  "npx charlie-mediawiki restore --dry_run --inventory fixtures/inventories/services-eqiad.json --exclude cirrus-streaming-updater":
    { instead: ["fixtures/", `${repository}/fixtures/`] },
};

/** Programs of others, and what is a test of its own elsewhere. */
const notOurs: Readonly<Record<string, string>> = {
  npm: "the scripts are looked up above; CI runs them",
  "charlie_host.py": "test/docs/charlie-host.test.ts runs it",
  helmfile: "test/e2e/derive.test.ts renders the same way with real helmfile",
};

describe("every command that is shown is run", () => {
  let command: BuiltCommand;
  beforeAll(async () => {
    command = await buildCommand();
  });
  afterAll(() => command.remove());

  it.each(shown)("$place: $line", async ({ line, output }) => {
    const [words = []] = shellCommands(line);
    const ours = charlieArguments(line);
    if (ours.length === 0) {
      expect(Object.keys(notOurs)).toContain(words[0]);
      return;
    }
    const [argv = []] = ours;
    const way = exceptions[line.replace(/\s+#.*$/, "")] ?? ways[parse(argv)];
    if (!way) throw new Error(`say above how ${parse(argv)} is run, or why it is only parsed`);
    if (way.onlyParsed !== undefined) return;
    const kubernetes = await startFakeKubernetes({
      objects: [...["mw-web/prometheus", "mw-web/main"].flatMap(deployedBy), namespace("mw-web")],
    });
    onTestFinished(() => kubernetes.stop());
    const world = docsWorld(command.program, kubernetes);
    const ended = await world.run(line.replace(...(way.instead ?? ["", ""])), way.flags?.(world) ?? []);
    expect(ended.exitCode, ended.stderr).toBe(way.exitCode ?? 0);
    if (output !== undefined) expect(ended.stdout.trimEnd()).toMatch(patternOf(output));
  });
});

/** `…` stands for the rest of a word or of a line; alone on a line, for lines. */
function patternOf(text: string): RegExp {
  const escaped = text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  return new RegExp(`^${escaped.replace(/\n…\n/g, "\n(?:.*\n)*").replaceAll("…", ".*")}$`);
}

it("commands that are not understood are found", () => {
  const parseLine = (line: string) => charlieArguments(line).map(parse);
  expect(() => parseLine("npx charlie-mediawiki plann -e codfw")).toThrow("plann");
  expect(() => parseLine("charlie-mediawiki list --enviroment codfw")).toThrow("--enviroment");
  expect(parseLine("npm ci && charlie-mediawiki inventory -e eqiad > eqiad.json # all of it")).toEqual([
    "inventory",
  ]);
  expect(shellCommands("a 'b c' \\\n  d | e -f > g")).toEqual([
    ["a", "b c", "d"],
    ["e", "-f"],
  ]);
});
