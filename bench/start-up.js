// How long the command takes for the real cluster, from an inventory, against the start of bare Node.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isProgram, ratioFinding, runAndPrint } from "./finding.js";
import { median, outputOf, ratio, takeTurns, timeProgram } from "./measure.js";

const rounds = 21;
/** @type {Readonly<Record<string, number>>} */
const limits = { list: 2.5, "--version": 1.5, "--help": 1.5 };
const limitOfOthers = 3;

const path = (/** @type {string} */ relative) => fileURLToPath(new URL(relative, import.meta.url));
const program = path("../dist/bundle/charlie-mediawiki.js");

/** @type {import("./finding.js").Benchmark} */
export async function startUp() {
  const own = path("../registry.yaml");
  const registry = existsSync(own) ? own : path("../fixtures/e2e/registry.yaml");
  const inventory = path("../fixtures/inventories/services-eqiad.json");
  const reading = ["--inventory", inventory, "--registry", registry, "-o", "json"];
  const commands = {
    list: ["list", ...reading],
    plan: ["plan", ...reading],
    "plan --mode restore": ["plan", "--mode", "restore", ...reading],
    "--version": ["--version"],
    "--help": ["--help"],
  };
  await checkAnswers(commands);

  // What this machine's earlier rollouts took would be read, too.
  const env = { ...process.env, XDG_STATE_HOME: path("no-state") };
  const bare = "node -e 0";
  const times = await takeTurns(rounds, {
    [bare]: () => timeProgram(process.execPath, ["-e", "0"]),
    ...Object.fromEntries(
      Object.entries(commands).map(([name, args]) => [
        name,
        () => timeProgram(process.execPath, [program, ...args], { env }),
      ]),
    ),
  });
  const bareTimes = times[bare] ?? [];
  const findings = Object.keys(commands).map((name) => {
    const measured = times[name] ?? [];
    return ratioFinding({
      what: name,
      measured: median(measured),
      compared: `${bare} (${median(bareTimes).toFixed(1)} ms)`,
      ratio: ratio(measured, bareTimes),
      limit: limits[name] ?? limitOfOthers,
    });
  });
  return { findings };
}

/** A command that refuses is fast, and no measure. */
async function checkAnswers(/** @type {Record<string, readonly string[]>} */ commands) {
  for (const [name, args] of Object.entries(commands)) {
    const output = await outputOf(process.execPath, [program, ...args]);
    if (name.startsWith("--")) continue;
    const { releases = [], steps = [] } = JSON.parse(output);
    if (releases.length + steps.length < 50) throw new Error(`${name} did not answer for the whole cluster`);
  }
}

if (isProgram(import.meta.url)) await runAndPrint({ "Start-up": startUp });
