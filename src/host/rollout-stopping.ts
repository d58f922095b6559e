import { fixPendingNote } from "../core/journal/resume-command.ts";
import type { Plan } from "../core/plan/plan.ts";
import type { RolloutEvent } from "../core/rollout/events.ts";
import {
  type KilledWork,
  releasesLeftBehind,
  renderFound,
  renderLeftBehind,
} from "../core/rollout/left-behind.ts";
import { RunningWork } from "../core/rollout/running-work.ts";
import { killMarked } from "../io/left-processes.ts";
import { runMark } from "../io/run-mark.ts";
import { beforeKill } from "../io/running-programs.ts";
import type { DeployContext } from "./deploy-context.ts";
import { awaitMarked } from "./left-by-this-run.ts";
import { lookAfterwards } from "./look-afterwards.ts";
import { countDownRollback } from "./rollback-countdown.ts";

/** What is told and done when a rollout is interrupted, and when what it runs is killed. */
export interface RolloutStopping {
  /** A sink: it keeps account of what runs. */
  readonly on: (event: RolloutEvent) => void;
  /** Whether something was killed, and it is told how to go on. */
  readonly isToldHow: () => boolean;
  /**
   * The rollout has ended, and that is told. Where it was interrupted, waits for what it started and what still runs; where
   * something was killed or cut off, tells what is left of it in the cluster.
   */
  readonly end: () => Promise<void>;
}

/**
 * @param options.journalFile of the run, by which everything that it starts is found
 * @param options.resume the command that goes on with it
 */
export function watchStopping(
  plan: Plan,
  options: Pick<DeployContext, "settings" | "env" | "terminal" | "interruption"> & {
    readonly journalFile: string;
    readonly resume: string;
    readonly revisions: ReadonlyMap<string, number>;
    /** Whether the cluster that is deployed to can be looked at. */
    readonly sees: boolean;
    /** Prints a line where it does not stand in the midst of a question. */
    readonly say: (line: string) => void;
  },
): RolloutStopping {
  const { interruption, terminal, resume, revisions, say } = options;
  const mark = runMark(options.journalFile);
  const work = new RunningWork();
  const isTerminal = process.stderr.isTTY === true;
  const endCountdown = countDownRollback({ running: () => work.ids, interruption, isTerminal, say });
  let killed: KilledWork | undefined;
  const forget = beforeKill(() => {
    killed = { plan, steps: work.steps, commands: work.commands, revisions };
    if (work.ids.length > 0) terminal.tell(tellLeftBehind(killed, resume));
    killMarked(mark);
  });
  const tellAfterKill = async (releases: readonly string[]) => {
    if (!options.sees) {
      terminal.tell(`\nafter the kill the cluster could not be looked at: ${releases.join(", ")}`);
      return;
    }
    const found = renderFound(await lookAfterwards(plan, releases, options), revisions);
    terminal.tell(["\nfound in the cluster after the kill:", ...found].join("\n  "));
  };
  const tellAfterwards = async (releases: readonly string[]) => {
    const impatience = new AbortController();
    const forgetWish = beforeKill(() => impatience.abort());
    const looked = await lookAfterwards(plan, releases, { ...options, signal: impatience.signal });
    forgetWish();
    if (impatience.signal.aborted) return;
    terminal.tell(["\nfound in the cluster afterwards:", ...renderFound(looked, revisions)].join("\n  "));
  };
  return {
    on: (event) => work.on(event),
    isToldHow: () => killed !== undefined && killed.steps.length + killed.commands.length > 0,
    end: async () => {
      endCountdown();
      if (interruption.signal.aborted)
        await awaitMarked(mark, { interruption, isTerminal, say, tell: terminal.tell });
      forget();
      const { cutOff } = work;
      const releases = releasesLeftBehind({
        steps: [...(killed?.steps ?? []), ...cutOff.steps],
        commands: [...(killed?.commands ?? []), ...cutOff.commands],
      });
      if (releases.length === 0) return;
      if (killed) await tellAfterKill(releases);
      // Where nothing could be read at the start, nobody waits for the same once more.
      else if (options.sees && revisions.size > 0) await tellAfterwards(releases);
    },
  };
}

function tellLeftBehind(killed: KilledWork, resume: string): string {
  const lines = ["what it was deploying may be left pending:", ...renderLeftBehind(killed)];
  return [lines.join("\n  "), `to go on: ${resume}`, fixPendingNote].join("\n");
}
