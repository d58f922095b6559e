import { leftToDo } from "../core/journal/left-to-do.ts";
import type { Plan } from "../core/plan/plan.ts";
import { renderCommands } from "../core/plan/render-plan.ts";
import { serviceDigests } from "../io/service-files.ts";
import type { DeployContext } from "./deploy-context.ts";
import { lookWhatExists } from "./existing-releases.ts";
import { findRunToResume, resumptionOf, runWanted, stillDone } from "./resume.ts";
import { stateFolderOf } from "./run-record.ts";
import { type ExitCode, exitCodes } from "./settings.ts";

/** Shows what would run, with `--resume` without what is done already, and deploys nothing. */
export async function dryRun(planned: Plan, missed: ExitCode, context: DeployContext): Promise<ExitCode> {
  const { settings, terminal, rollout, openCluster: open } = context;
  const { tell } = terminal;
  const previous =
    settings.resume === undefined
      ? undefined
      : await findRunToResume(planned, { ...runWanted(context), folder: stateFolderOf(context) });
  if (settings.resume !== undefined && !previous) return missed;
  const files = previous && !rollout.diffs ? await serviceDigests(planned) : undefined;
  const resumed = previous && (await resumptionOf(planned, previous, { ...context, files }));
  const looked =
    settings.kubeconfig === undefined ? undefined : await lookWhatExists(planned, { open, tell });
  const nothing = { plan: planned, seesAll: true, revisions: new Map(), pending: [] };
  const { plan, seesAll, revisions, pending } = looked ?? nothing;
  const shown = resumed ? leftToDo(plan, stillDone(resumed, { plan, revisions, pending, tell })) : plan;
  if (resumed && rollout.diffs)
    tell("what is done, and would change by now, is not in it: the diffs tell that");
  terminal.answer(settings.output === "json" ? JSON.stringify(shown) : renderCommands(shown));
  return seesAll ? missed : exitCodes.unknown;
}
