import { leftToDo } from "../core/journal/left-to-do.ts";
import { nothingDone } from "../core/journal/run-resume.ts";
import type { Plan } from "../core/plan/plan.ts";
import { renderCommands } from "../core/plan/render-plan.ts";
import { serviceDigests } from "../io/service-files.ts";
import type { DeployContext } from "./deploy-context.ts";
import { tellPending } from "./look-beforehand.ts";
import { lookWhatExists } from "./look-what-exists.ts";
import { findRunToResume, runWanted, stillDone, whatIsDone } from "./resume.ts";
import { type ExitCode, exitCodes } from "./settings.ts";
import { stateFolderOf } from "./written-runs.ts";

/** Shows what would run, with `--resume` without what is done already, and deploys nothing. */
export async function dryRun(
  planned: Plan,
  endWell: () => ExitCode,
  context: DeployContext,
): Promise<ExitCode> {
  const { settings, terminal, verb, env, openCluster: open } = context;
  const { tell } = terminal;
  const previous =
    settings.resume === undefined
      ? undefined
      : await findRunToResume(planned, {
          ...runWanted(context),
          folder: stateFolderOf(env, settings.stateDir),
        });
  if (settings.resume !== undefined && !previous) return endWell();
  const files = previous && !verb.diffs ? await serviceDigests(planned) : undefined;
  const wasDone = previous ? await whatIsDone(planned, previous, { ...context, files }) : nothingDone;
  const looked =
    settings.kubeconfig === undefined ? undefined : await lookWhatExists(planned, { open, tell });
  if (looked) tellPending(looked.pending, context);
  else if (settings.fixPending)
    tell("what --fix-pending would mend is not looked at in a dry run without --kubeconfig FILE");
  const nothing = { plan: planned, seesAll: true, revisions: new Map(), pending: [] };
  const { plan, seesAll, revisions, pending } = looked ?? nothing;
  const shown = leftToDo(plan, stillDone(wasDone, { plan, revisions, pending, tell }));
  if (previous && verb.diffs)
    tell("what is done, and would change by now, is not in it: the diffs tell that");
  terminal.answer(settings.output === "json" ? JSON.stringify(shown) : renderCommands(shown));
  return seesAll ? endWell() : exitCodes.unknown;
}
