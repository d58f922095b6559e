import { counted, quoted } from "../core/common/words.ts";
import { isOutOfReach } from "../core/helmfile-output/describe-failure.ts";
import type { Plan, Stage, Step } from "../core/plan/plan.ts";
import type { RolloutResult } from "../core/rollout/events.ts";
import { countByKind, outcomeKinds } from "../core/rollout/outcome.ts";
import { isAsWanted } from "../core/rollout/outcome-reasons.ts";
import { renderNextCommands } from "../core/view/next-commands.ts";
import { renderSummary } from "../core/view/render-summary.ts";
import { writeOperatorLog } from "../io/operator-log.ts";
import type { StepLog } from "../io/step-log.ts";
import type { DeployContext } from "./deploy-context.ts";
import { Refusal } from "./settings.ts";

/** What of a plan is carried out: its steps, and the stages with a command. */
export interface LeftWork {
  readonly steps: readonly Step[];
  readonly commands: readonly Stage[];
}

/** One line in the operators' log, where the plan names one and anything of it is carried out. */
export async function tellOperators(
  plan: Plan,
  { steps, commands }: LeftWork,
  what: string,
  { env, terminal }: DeployContext,
): Promise<void> {
  if (!plan.log || steps.length + commands.length === 0) return;
  const releases = steps.reduce((sum, step) => sum + step.releases.length, 0);
  const whole = commands.map(({ run = [] }) => run.join(" ")).join(", ");
  const which = steps.length === 0 ? `only ${whole}` : counted(releases, "release");
  const message = `charlie-mediawiki ${plan.mode} [${plan.environment}] ${which}: ${what}`;
  const fault = await writeOperatorLog(plan.log, message, env);
  if (fault !== undefined) terminal.tell(`warning: ${fault}`);
}

/** How it ended, for that line. */
export function countOutcomes(result: RolloutResult): string {
  const counts = countByKind(result.outcomes.values());
  const steps = [...counts].map(([kind, count]) => `${counted(count, "step")} ${kind}`);
  const commands = [...result.commands].map(([stage, { kind }]) => `${stage} ${kind}`);
  return [...steps, ...commands].join(", ") || "no steps";
}

/** Tells how it ended. False where the plugin failed to add what it knows: that must not hide the rest. */
export async function finish(
  plan: Plan,
  result: RolloutResult,
  context: DeployContext & {
    readonly stepLog: Pick<StepLog, "fileOf">;
    /** The command that goes on with it; undefined where it is told already. */
    readonly resume: string | undefined;
  },
): Promise<boolean> {
  const { settings, terminal, stepLog } = context;
  const summary = renderSummary(plan, result, stepLog.fileOf);
  if (settings.output === "json") terminal.answer(JSON.stringify(resultJson(plan, result)));
  terminal.tell(`\n${summary}`);
  const isToldAll = await tellNotes(plan, result, context);
  const next = renderNextCommands(plan, result, {
    isLeft: !succeeded(result),
    preflight: preflightOf(plan, context),
    resume: context.resume,
  });
  if (next.length > 0) terminal.tell(`\n${next.join("\n")}`);
  return isToldAll;
}

/** The command that tells what keeps the command of a stage back: with the same cluster and registry. */
function preflightOf({ environment }: Plan, { plugin, settings }: DeployContext): string | undefined {
  if (!plugin.answers("rollout:preflight")) return undefined;
  const { registry, kubeconfig } = settings;
  const given = [
    ...(registry === undefined ? [] : ["--registry", registry]),
    ...(kubeconfig === undefined ? [] : ["--kubeconfig", kubeconfig]),
  ];
  return ["charlie-mediawiki", "preflight", "-e", environment, ...given].map(quoted).join(" ");
}

async function tellNotes(
  plan: Plan,
  result: RolloutResult,
  { plugin, settings, terminal }: DeployContext,
): Promise<boolean> {
  if (!plugin.answers("rollout:finish")) return true;
  const request = {
    version: 1,
    plan,
    outcomes: outcomeKinds(result.outcomes),
    commands: outcomeKinds(result.commands),
    flags: settings.flags,
  } as const;
  try {
    const { notes } = await plugin.ask("rollout:finish", request);
    if (notes.length > 0) terminal.tell(`\n${notes.join("\n")}`);
    return true;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    terminal.tell(`\n${error.message}`);
    return false;
  }
}

/** Of a rollout that had nothing to do. */
export const nothingRan: RolloutResult = { outcomes: new Map(), commands: new Map(), durationMs: 0 };

export function resultJson(plan: Plan, result: RolloutResult) {
  const { environment, mode, excluded, unreadable, excludedUnreadable } = plan;
  const steps = plan.steps.map(({ id, service, stage, releases }) => ({
    id,
    service,
    stage,
    releases,
    outcome: result.outcomes.get(id),
  }));
  const commands = [...result.commands].map(([stage, outcome]) => ({ stage, outcome }));
  return {
    version: 1,
    environment,
    mode,
    durationMs: Math.round(result.durationMs),
    steps,
    commands,
    excluded,
    unreadable,
    ...(excludedUnreadable && { excludedUnreadable }),
  };
}

/** The cluster was out of reach for everything that was tried. */
export function foundNothingOut({ outcomes, commands }: RolloutResult): boolean {
  const all = [...outcomes.values(), ...commands.values()];
  const tried = all.filter(({ kind }) => kind === "succeeded" || kind === "failed");
  return tried.length > 0 && tried.every((one) => one.kind === "failed" && isOutOfReach(one.failure));
}

/** Whether all that was wanted is done. */
export function succeeded(result: RolloutResult): boolean {
  return [...result.outcomes.values(), ...result.commands.values()].every(isAsWanted);
}
