// How long it takes to check a tree of helmfiles, against the helmfiles alone that have to run for it.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import PQueue from "p-queue";
import { isProgram, ratioFinding, runAndPrint } from "./finding.js";
import { median, outputOf, processorTime, ratio, takeTurns, timeProgram } from "./measure.js";
import { support } from "./service-charts.js";
import { helmfileEnvironment as env, environment, withHelmfile, writeServicesTree } from "./services-tree.js";

const rounds = 3;
const limit = 1.3;
const isLinux = process.platform === "linux";

const program = fileURLToPath(new URL("../dist/bundle/charlie-mediawiki.js", import.meta.url));

/** As many helmfiles at a time as the command runs. */
const cores = availableParallelism();

const registry = `version: 1
rules:
  - { match: { chart: mediawiki, release: ${support} }, class: support }
  - { match: { chart: mediawiki }, class: mediawiki }
services:
  ${support}: { provides: [service/statsd-exporter-prometheus] }
`;

/** @type {import("./finding.js").Benchmark} */
export function check() {
  return withHelmfile(measure);
}

async function measure(/** @type {string} */ folder) {
  const tree = writeServicesTree(folder, { withCharts: true });
  const registryFile = join(folder, "registry.yaml");
  writeFileSync(registryFile, registry);
  const about = ["--services_dir", tree.servicesDir, "--registry", registryFile, "-e", environment];
  const command = [program, "check", ...about, "-o", "json"];
  const { runs, releases } = await helmfilesFor(tree, about);
  const { rendered, findings } = JSON.parse(await outputOf(process.execPath, command));
  const seen = findings.filter((/** @type {{ code: string }} */ { code }) => code === "dns-instead");
  if (rendered.length !== 1 || seen.length === 0 || seen.length !== findings.length)
    throw new Error(`the tree was not checked as it should be: ${JSON.stringify(findings)}`);

  const times = await takeTurns(rounds, {
    command: () => measured(() => timeProgram(process.execPath, command)),
    helmfiles: (round) =>
      measured(() => timeHelmfiles(runs, { folder: join(folder, `bare-${round}`), releases })),
  });
  const what = `check of ${tree.helmfiles.length} services, ${releases} releases of which are rendered`;
  const bare = `${runs.builds.length + runs.templates.length} helmfiles, ${cores} at a time`;
  return [
    compare({ what, bare, unit: "wall", times, limit }),
    ...(isLinux ? [compare({ what: "processor time of the same", bare: "theirs", unit: "cpu", times })] : []),
  ];
}

/** @typedef {{ wall: number, cpu: number }} Measured how long it took, and how much of the processors, in milliseconds */

/**
 * @param {() => Promise<number>} work says how long it took
 * @returns {Promise<Measured>}
 */
async function measured(work) {
  if (!isLinux) return { wall: await work(), cpu: Number.NaN };
  let wall = Number.NaN;
  const cpu = await processorTime(async () => {
    wall = await work();
  });
  return { wall, cpu };
}

/**
 * @param {{ what: string, bare: string, unit: keyof Measured, times: Record<string, Measured[]>, limit?: number }} options
 */
function compare({ what, bare, unit, times, limit }) {
  const of = (/** @type {string} */ name) => (times[name] ?? []).map((one) => one[unit]);
  const [command, helmfiles] = [of("command"), of("helmfiles")];
  return ratioFinding({
    ...{ what, measured: median(command), ratio: ratio(command, helmfiles) },
    compared: `${bare} (${(median(helmfiles) / 1000).toFixed(1)} s)`,
    ...(limit === undefined ? {} : { limit }),
  });
}

/**
 * The helmfiles that nobody can do without who reads a tree and renders its charts: as few as can be for reading, and
 * one that renders all releases of a service. What is rendered goes below OUTPUT.
 *
 * @typedef {{ builds: string[][], templates: string[][] }} Helmfiles
 */

/**
 * @param {{ servicesDir: string, helmfiles: readonly string[] }} tree
 * @param {readonly string[]} about
 * @returns {Promise<{ runs: Helmfiles, releases: number }>}
 */
async function helmfilesFor({ servicesDir, helmfiles }, about) {
  const listed = JSON.parse(await outputOf(process.execPath, [program, "list", ...about, "-o", "json"]));
  /** @type {{ service: string, namespace: string, name: string }[]} */
  const installed = listed.releases.filter((/** @type {{ installed: boolean }} */ one) => one.installed);
  // Of fewer services another process would cost more than it brings.
  const shards = Math.min(cores, Math.ceil(helmfiles.length / 4));
  const builds = Array.from({ length: shards }, (_, shard) => {
    const file = join(dirname(servicesDir), `shard-${shard}.yaml`);
    const paths = helmfiles.filter((_path, at) => at % shards === shard).map((path) => `  - path: ${path}`);
    writeFileSync(file, `environments:\n  ${environment}: {}\nhelmfiles:\n${paths.join("\n")}\n`);
    return ["--file", file, "--environment", environment, "build"];
  });
  const templates = helmfiles.flatMap((file) => {
    const own = installed.filter(({ service }) => service === basename(dirname(file)));
    const selectors = own.flatMap(({ namespace, name }) => [
      "--selector",
      `namespace=${namespace},name=${name}`,
    ]);
    const output = ["--output-dir", "OUTPUT", "--output-dir-template", outputFolder];
    return own.length === 0
      ? []
      : [["--file", file, "--environment", environment, ...selectors, "template", "--skip-tests", ...output]];
  });
  return { runs: { builds, templates }, releases: installed.length };
}

const outputFolder = "{{ .OutputDir }}/{{ .Release.Namespace }}/{{ .Release.Name }}";

/**
 * How long they take, in milliseconds. Charts are rendered when all is read.
 *
 * @param {Helmfiles} runs
 * @param {{ folder: string, releases: number }} options
 */
async function timeHelmfiles({ builds, templates }, { folder, releases }) {
  mkdirSync(folder);
  const began = performance.now();
  for (const part of [builds, templates]) {
    const queue = new PQueue({ concurrency: cores });
    await queue.addAll(
      part.map((args) => async () => {
        const words = args.map((word) => (word === "OUTPUT" ? folder : word));
        await outputOf("helmfile", words, { env });
      }),
    );
  }
  const ms = performance.now() - began;
  const made = readdirSync(folder).flatMap((namespace) => readdirSync(join(folder, namespace)));
  if (made.length !== releases) throw new Error(`helmfile rendered ${made.length} of ${releases} releases`);
  rmSync(folder, { recursive: true });
  return ms;
}

if (isProgram(import.meta.url)) await runAndPrint({ Check: check });
