import { lastValue } from "../core/common/command-flags.ts";
import { renderDiagnostics } from "../core/common/diagnostic.ts";
import { isGlob } from "../core/common/glob.ts";
import type { JournalHeader } from "../core/journal/journal-line.ts";
import { parseRunName } from "../core/journal/run-name.ts";
import { runStateOf } from "../core/journal/run-state.ts";
import { loadInventory } from "../io/inventory-file.ts";
import { loadRun, runNames } from "../io/run-files.ts";
import { exitCodes, Refusal } from "./settings.ts";
import { isOfEnvironment, stateFolderOf } from "./written-runs.ts";

/**
 * The run that the command line wants to go on with, read before anything else of it can be: that run says which plugin
 * is loaded, and so which verbs and flags there are.
 *
 * A run is of one environment. Where none is named, or a glob that several match, it is the one that has something left
 * to do; of several the operator has to choose.
 *
 * @param named its name, or `newest`
 * @returns undefined where there is no run, or none of several with anything left: the verb tells that
 */
export async function findRunAskedFor(
  named: string,
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<JournalHeader | undefined> {
  const folder = stateFolderOf(env, lastValue(argv, "--state-dir"));
  const run = named === "newest" ? await findNewest(argv, folder) : named;
  if (run === undefined) return undefined;
  const loaded = await loadRun(folder, run);
  if (loaded.ok) return loaded.value.header;
  const [, older] = runNames(folder, parseRunName(run)?.environment);
  const isNewest = named === "newest" && older !== undefined;
  const remedy = `an older run can be named: --resume ${older}; the verb runs lists them`;
  throw new Refusal(
    renderDiagnostics(loaded.failure.map((fault) => (isNewest ? { remedy, ...fault } : fault))),
    exitCodes.usage,
  );
}

async function findNewest(argv: readonly string[], folder: string): Promise<string | undefined> {
  const wanted = await environmentOf(argv);
  const newest = new Map<string, string>();
  for (const run of runNames(folder)) {
    const environment = parseRunName(run)?.environment ?? "";
    if (isOfEnvironment(wanted, environment) && !newest.has(environment)) newest.set(environment, run);
  }
  const [only, ...others] = newest.values();
  if (others.length === 0) return only;
  const open: string[] = [];
  for (const run of newest.values()) {
    const loaded = await loadRun(folder, run);
    if (!loaded.ok || !runStateOf(loaded.value).complete) open.push(run);
  }
  if (open.length < 2) return open[0];
  const list = open.map((run) => `  --resume ${run}`).join("\n");
  throw new Refusal(`several runs have something left to do: name one of them\n${list}`, exitCodes.usage);
}

/** A name or glob; undefined where the command line does not say. */
async function environmentOf(argv: readonly string[]): Promise<string | undefined> {
  const given = lastValue(argv, "--environment", "-e");
  const inventory = lastValue(argv, "--inventory");
  if (inventory === undefined || (given !== undefined && !isGlob(given))) return given;
  const read = await loadInventory(inventory);
  return read.ok ? read.value.environment : given;
}
