import { release as osRelease } from "node:os";
import { renderDiagnostics } from "../core/diagnostic.ts";
import type { Plan } from "../core/plan.ts";
import { type Journal, type JournalOptions, openJournal } from "../io/journal.ts";
import { nextRunName } from "../io/run-files.ts";
import { describeLockFailure, takeRunLock } from "../io/run-lock.ts";
import { stateFolder } from "../io/state-folder.ts";
import type { DeployContext } from "./deploy-context.ts";
import { messageOf } from "./error-message.ts";
import { exitCodes, Refusal } from "./settings.ts";

/** A run that nobody else on this host runs beside, and where it is written down. */
export interface RunRecord {
  readonly run: string;
  /** Begins the journal, once it is known what is to run. `onFault` is told once when it cannot be written any more. */
  readonly begin: (plan: Plan, options: Pick<JournalOptions, "onFault" | "resumes" | "revisions">) => Journal;
  /** Lets others deploy to the environment. */
  readonly release: () => void;
}

/** Where runs are written down. */
export function stateFolderOf({ settings, env }: Pick<DeployContext, "settings" | "env">): string {
  const found = stateFolder(env, settings.stateDir);
  if (!found.ok) throw new Refusal(renderDiagnostics(found.failure), exitCodes.usage);
  return found.value;
}

/** Takes the lock of the environment; refuses where somebody else deploys to it. */
export async function beginRun(
  environment: string,
  folder: string,
  context: DeployContext,
): Promise<RunRecord> {
  const { settings, env, terminal, interruption, argv, version } = context;
  const taken = await takeRunLock({
    folder,
    environment,
    run: () => nextRunName(folder, environment),
    command: ["charlie-mediawiki", ...argv],
    env,
    waitMs: settings.waitSeconds * 1000,
    signal: interruption.signal,
    onWaiting: ({ run, user, pid }) =>
      terminal.tell(`waiting for ${run} of ${user} (process ${pid}), which deploys to ${environment}`),
  });
  if (!taken.ok) throw new Refusal(describeLockFailure(taken.failure), exitCodes.usage);
  const lock = taken.value;
  return {
    run: lock.run,
    release: lock.release,
    begin: (plan, options) => {
      const tools = { "charlie-mediawiki": version, node: process.version, system: osRelease() };
      try {
        return openJournal({ folder, run: lock.run, plan, argv, env, tools, ...options });
      } catch (error) {
        throw new Refusal(
          `nothing was deployed: the journal of the run cannot be written: ${messageOf(error)}; name another folder by --state_dir`,
          exitCodes.usage,
        );
      }
    },
  };
}
