import type { JournalContent } from "../../../src/core/journal/parse-journal.ts";
import { type RunState, runStateOf } from "../../../src/core/journal/run-state.ts";
import { loadRun, runNames } from "../../../src/io/run-files.ts";
import { type BuiltCommand, repository } from "../../host/support/built-command.ts";
import { type ClusterBehind, clusterBehind } from "../../host/support/cluster-behind.ts";
import { type ControlledHelmfile, controlledHelmfile } from "../../host/support/controlled-helmfile.ts";
import { inventoryOf } from "../../host/support/small-inventory.ts";
import { type Spawned, spawnCommand } from "../../host/support/spawned.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

/** Somebody who restores the environment `north` with a helmfile that obeys the test. */
export interface Operator extends ClusterBehind {
  readonly helmfile: ControlledHelmfile;
  /** Where journals and locks are. */
  readonly state: string;
  readonly logs: string;
  /** Begins a restore, as a process of its own. */
  readonly restore: (...flags: readonly string[]) => Spawned;
  /** Lists the runs. */
  readonly listRuns: () => Spawned;
  /** The services that a helmfile deployed, in the order in which they were there. */
  readonly deployed: () => readonly string[];
  /** The names of the runs, newest first. */
  readonly runs: () => readonly string[];
  /** What the journal of a run says; of the newest one where none is named. */
  readonly journal: (run?: string) => Promise<JournalContent & { readonly state: RunState }>;
}

export interface OperatorOptions {
  /** Services with one release each. */
  readonly services: readonly string[];
  /** @default a new folder */
  readonly state?: string;
  /** @default a new folder */
  readonly logs?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export async function operate(command: BuiltCommand, options: OperatorOptions): Promise<Operator> {
  const { services, state = temporaryFolder(), logs = temporaryFolder() } = options;
  const helmfile = controlledHelmfile();
  const cluster = await clusterBehind(helmfile);
  const env = { PATH: helmfile.path, HOME: temporaryFolder(), ...options.env };
  const start = (argv: readonly string[]) => spawnCommand(command.program, argv, { cwd: repository, env });
  const inventory = inventoryOf(services);
  const runs = () => runNames(state, "north");
  return {
    ...{ ...cluster, helmfile, state, logs, runs },
    restore: (...flags) =>
      start([
        ...["restore", "--yes", "--plugin", command.folder, "--registry", cluster.registryFile],
        ...["--inventory", inventory, "--log_dir", logs, "--state_dir", state, ...flags],
      ]),
    listRuns: () => start(["runs", "--state_dir", state, "-o", "json"]),
    deployed: () => helmfile.ends().flatMap((end) => /^(?:sync|apply) (\S+) 0$/.exec(end)?.[1] ?? []),
    journal: async (run = runs()[0] ?? "") => {
      const loaded = await loadRun(state, run);
      if (!loaded.ok) throw new Error(loaded.failure.map(({ message }) => message).join("\n"));
      return { ...loaded.value, state: runStateOf(loaded.value) };
    },
  };
}
