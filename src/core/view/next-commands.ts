import { quoted } from "../common/words.ts";
import { fixPendingNote } from "../journal/resume-command.ts";
import type { Plan } from "../plan/plan.ts";
import type { RolloutResult } from "../rollout/events.ts";
import { wasKilled } from "../rollout/outcome.ts";
import { notWanted } from "../rollout/outcome-reasons.ts";

/**
 * What to type next, in lines for people, by how a rollout ended; nothing where all of it is done.
 *
 * @param options.isLeft whether something of it is left to do: what the operator did not choose is not
 * @param options.preflight the command that tells what keeps the command of a stage back, where there is one
 * @param options.resume the command that goes on with it; undefined where it is told already
 */
export function renderNextCommands(
  { stages }: Plan,
  { outcomes, commands }: RolloutResult,
  options: {
    readonly isLeft: boolean;
    readonly preflight: string | undefined;
    readonly resume: string | undefined;
  },
): string[] {
  const { isLeft, preflight, resume } = options;
  const isHeldBack = [...commands.values()].some(({ kind }) => kind === "blocked");
  const left = stages.flatMap(({ name, run }) => {
    const outcome = commands.get(name);
    // Where an earlier run has done it, that is said too; only what the operator keeps for later is left.
    return run && outcome?.kind === "skipped" && outcome.reason === notWanted
      ? [run.map(quoted).join(" ")]
      : [];
  });
  const failed = [...outcomes.values(), ...commands.values()].some(({ kind }) => kind === "failed");
  const when = failed ? "when the cause is mended, go on with" : "to go on";
  return [
    ...(isLeft && isHeldBack && preflight !== undefined ? [`what keeps it back: ${preflight}`] : []),
    ...(isLeft && resume !== undefined
      ? [`${when}: ${resume}`, ...([...outcomes.values()].some(wasKilled) ? [fixPendingNote] : [])]
      : []),
    ...left.map((command) => `left to you: ${command}`),
  ];
}
