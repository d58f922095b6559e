// How long it takes to read a tree of helmfiles, against helmfile alone.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isProgram, ratioFinding, runAndPrint } from "./finding.js";
import { median, outputOf, ratio, takeTurns, timeProgram } from "./measure.js";
import { environment, helmfileEnvironment, withHelmfile, writeServicesTree } from "./services-tree.js";

const rounds = 7;
/** One process per service takes ten times as long as all else: it takes part in the first rounds only. */
const roundsOneByOne = 3;
const limits = { oneProcess: 1.4, oneByOne: 1 / 6 };

const program = fileURLToPath(new URL("../dist/bundle/charlie-mediawiki.js", import.meta.url));
const env = helmfileEnvironment;

/** @type {import("./finding.js").Benchmark} */
export function discovery() {
  return withHelmfile(measure);
}

async function measure(/** @type {string} */ folder) {
  const { servicesDir, helmfiles, releases } = writeServicesTree(folder);
  const list = [program, "list", "--services_dir", servicesDir, "-e", environment, "-o", "json"];
  const all = join(folder, "all.yaml");
  const paths = helmfiles.map((path) => `  - path: ${path}`);
  writeFileSync(all, `environments:\n  ${environment}: {}\nhelmfiles:\n${paths.join("\n")}\n`);
  const build = (/** @type {string} */ file) => ["--file", file, "--environment", environment, "build"];
  const built = await outputOf("helmfile", build(all), { env });
  const { releases: listed, unreadable } = JSON.parse(await outputOf(process.execPath, list));
  const readByBoth = helmfiles.every((helmfile) => built.includes(`Source: ${helmfile}`));
  if (unreadable.length > 0 || listed.length !== releases || !readByBoth) {
    throw new Error(`the tree was not read as a whole: ${listed.length} of ${releases} releases`);
  }

  const times = await takeTurns(rounds, {
    command: () => timeProgram(process.execPath, list),
    oneProcess: () => timeProgram("helmfile", build(all), { env }),
    oneByOne: async (round) => {
      if (round >= roundsOneByOne) return Number.NaN;
      let sum = 0;
      for (const helmfile of helmfiles) sum += await timeProgram("helmfile", build(helmfile), { env });
      return sum;
    },
  });
  const { command = [], oneProcess = [], oneByOne = [] } = times;
  const slow = oneByOne.slice(0, roundsOneByOne);
  const what = `list of ${helmfiles.length} services, ${releases} releases`;
  const measured = median(command);
  return [
    ratioFinding({
      what,
      measured,
      compared: `one helmfile process for all (${(median(oneProcess) / 1000).toFixed(2)} s)`,
      ratio: ratio(command, oneProcess),
      limit: limits.oneProcess,
    }),
    ratioFinding({
      what,
      measured,
      compared: `one helmfile process per service (${(median(slow) / 1000).toFixed(1)} s)`,
      ratio: ratio(command.slice(0, roundsOneByOne), slow),
      limit: limits.oneByOne,
    }),
  ];
}

if (isProgram(import.meta.url)) await runAndPrint({ Discovery: discovery });
