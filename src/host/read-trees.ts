import { isGlob, matchesAny } from "../core/common/glob.ts";
import { nearest } from "../core/common/nearest.ts";
import { isEnvironmentName, type Tree } from "../core/common/release.ts";
import { loadEnvironments } from "../io/environments.ts";
import { loadInventory } from "../io/inventory-file.ts";
import { findServices } from "../io/services.ts";
import { exitCodes, Refusal, type Settings } from "./settings.ts";
import { untilInterrupted } from "./until-interrupted.ts";
import { unwrap } from "./unwrap.ts";

/** charlie leaves it out where a glob or nothing chose it. */
const leftOutByGlobs = "traindev";

export interface ReadOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** What is about one environment only, for the message. */
  readonly onlyOne?: string;
}

/** Reads what the command is about: one tree for each environment, from the inventory or by helmfile. */
export async function* readTrees(settings: Settings, options: ReadOptions): AsyncGenerator<Tree> {
  if (settings.inventory !== undefined) {
    yield await readInventory(settings.inventory, settings.environment, options.signal);
    return;
  }
  // It brings what starts processes, which the other ways do not need.
  const { discover } = await import("../io/discover.ts");
  for (const environment of await chooseEnvironments(settings, options)) {
    const { servicesDir } = settings;
    const { env, signal } = options;
    yield unwrap(await discover({ servicesDir, environment, env, signal }));
    if (signal.aborted) return;
  }
}

async function readInventory(
  file: string,
  environment: string | undefined,
  signal: AbortSignal,
): Promise<Tree> {
  const tree = unwrap(await untilInterrupted(loadInventory(file), { what: `the inventory ${file}`, signal }));
  if (environment !== undefined && !matchesAny([environment], tree.environment)) {
    throw new Refusal(
      `unknown environment "${environment}": the inventory ${file} is of ${tree.environment}`,
      exitCodes.usage,
    );
  }
  return tree;
}

async function chooseEnvironments(
  { servicesDir, environment }: Settings,
  { onlyOne, signal }: ReadOptions,
): Promise<readonly string[]> {
  const reading = async () => {
    const found = unwrap(await findServices(servicesDir));
    return loadEnvironments(found.services.map(({ path }) => path));
  };
  const known = await untilInterrupted(reading(), { what: `the services in ${servicesDir}`, signal });
  const chosen = choose(environment, known);
  if (onlyOne !== undefined && chosen.length > 1) {
    throw new Refusal(
      `${onlyOne} is for one environment: name it by -e (${chosen.join(", ")} match)`,
      exitCodes.usage,
    );
  }
  return chosen;
}

function choose(
  wanted: string | undefined,
  known: { readonly names: readonly string[]; readonly isComplete: boolean },
): readonly string[] {
  const { names, isComplete } = known;
  if (wanted !== undefined && names.includes(wanted)) return [wanted];
  if (wanted === undefined || isGlob(wanted)) {
    const matching = names.filter((name) => name !== leftOutByGlobs && matchesAny([wanted ?? "*"], name));
    if (matching.length > 0) return matching;
  } else if (!isComplete && isEnvironmentName(wanted)) {
    // Some helmfiles take their environments from elsewhere: only helmfile can tell whether it is one.
    return [wanted];
  }
  const guess = wanted === undefined ? undefined : nearest(wanted, names);
  const hint = guess === undefined ? "" : `; did you mean ${guess}?`;
  const list = names.length > 0 ? `the helmfiles define ${names.join(", ")}` : "the helmfiles define none";
  const what = wanted === undefined ? "no environment to choose from" : `unknown environment "${wanted}"`;
  throw new Refusal(`${what}: ${list}${hint}`, exitCodes.usage);
}
