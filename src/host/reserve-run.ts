import { release as osRelease } from "node:os";
import { plainLine } from "../core/common/plain-line.ts";
import type { Plan } from "../core/plan/plan.ts";
import { type Journal, type JournalOptions, openJournal } from "../io/journal-writer.ts";
import { waitingForLeft } from "../io/left-running.ts";
import { nextRunName } from "../io/run-files.ts";
import { describeLockFailure, takeRunLock } from "../io/run-lock.ts";
import { toolVersions } from "../io/tool-versions.ts";
import type { DeployContext } from "./deploy-context.ts";
import { messageOf } from "./error-message.ts";
import { awaitEarlierRuns } from "./left-by-earlier-runs.ts";
import { exitCodes, Refusal } from "./settings.ts";

/** A run that nobody else on this host runs beside, and where it is written down. */
export interface ReservedRun {
  readonly run: string;
  /** Once it is known what is to run. `onFault` is told once when the journal cannot be written any more. */
  readonly openJournal: (
    plan: Plan,
    options: Pick<JournalOptions, "onFault" | "resumes" | "revisions" | "halfDone" | "files" | "copy">,
  ) => Promise<Journal>;
  /** Lets others deploy to the environment. */
  readonly release: () => void;
}

/**
 * Takes the lock of the plan's environment; refuses where somebody else deploys to it, or something that a killed run left
 * running.
 */
export async function reserveRun(
  { environment, lockFolder }: Plan,
  folder: string,
  context: DeployContext,
): Promise<ReservedRun> {
  const { settings, env, terminal, interruption, argv, version } = context;
  const waitMs = settings.waitSeconds * 1000;
  const until = performance.now() + waitMs;
  const taken = await takeRunLock({
    folder,
    ...(lockFolder === undefined ? {} : { shared: lockFolder }),
    onUnshared: (reason) =>
      terminal.tell(
        `warning: runs of other users of this host are not seen: the lock folder cannot be used: ${plainLine(reason)}`,
      ),
    environment,
    run: () => nextRunName(folder, environment),
    command: ["charlie-mediawiki", ...argv],
    env,
    waitMs,
    signal: interruption.signal,
    onWaiting: ({ run, user, pid }, left) =>
      terminal.tell(
        left.length > 0
          ? waitingForLeft(left)
          : `waiting for ${run} of ${user} (process ${pid}), which deploys to ${environment}`,
      ),
    onUnkept: (reason) =>
      terminal.tell(
        `warning: what runs cannot be written down beside the lock: if this is killed, another run may begin beside it: ${plainLine(reason)}`,
      ),
  });
  if (!taken.ok) throw new Refusal(describeLockFailure(taken.failure), exitCodes.usage);
  const lock = taken.value;
  try {
    // What is left of a killed run may be finishing well: whoever waits for it finds what it deployed.
    const leftMs = until - performance.now();
    const { signal } = interruption;
    await awaitEarlierRuns({ folder, environment, waitMs: leftMs, signal, tell: terminal.tell });
  } catch (error) {
    lock.release();
    throw error;
  }
  // They are looked for while the cluster is looked at.
  const versions = toolVersions(env);
  return {
    run: lock.run,
    release: lock.release,
    openJournal: async (plan, options) => {
      const own = { "charlie-mediawiki": version, node: process.version, system: osRelease() };
      const tools = { ...own, ...(await versions) };
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
