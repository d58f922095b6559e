import type { Tree } from "../core/common/release.ts";
import { renderRunbook } from "../core/explain/runbook.ts";
import type { Plan } from "../core/plan/plan.ts";
import { helmfileEnvironment, stepEnvironment, withheldVariables } from "../io/helmfile.ts";
import { pluginFlags } from "./arguments.ts";
import { askForPlan } from "./ask-for-plan.ts";
import type { DeployContext } from "./deploy-context.ts";
import type { FoundManifest } from "./plugin-loader.ts";
import { type ExitCode, exitCodes, type Settings } from "./settings.ts";
import { tellUnreadable } from "./unreadable.ts";

type RunbookContext = Pick<DeployContext, "plugin" | "settings" | "terminal" | "verb" | "argv"> & {
  readonly found: FoundManifest | undefined;
};

/** The verb `runbook`: the procedure of a rollout as Markdown. */
export async function runbook(tree: Tree, context: RunbookContext): Promise<ExitCode> {
  const { settings, terminal, verb, found } = context;
  const plan = await askForPlan(tree, verb.mode, context);
  tellUnreadable(terminal, plan.unreadable);
  const stageCommands = new Map<string, readonly string[]>();
  for (const { name, steps } of plan.stages) {
    const command = await commandForStage(plan, steps, { ...context, tree });
    if (command) stageCommands.set(name, command);
  }
  terminal.answer(
    renderRunbook({
      plan,
      command: [verb.name, "-e", plan.environment, ...flagsOf(settings, context)],
      pluginFlags: pluginFlagsOf(settings, context),
      needsWipedCluster: verb.needsWipedCluster ?? false,
      asksBetweenStages: verb.asksBetweenStages,
      refusesUnreadable: verb.refusesUnreadable,
      hasPreflight: found?.manifest.hooks["rollout:preflight"] !== undefined,
      servicesDir: settings.servicesDir,
      stageCommands,
      environmentOf: (step) => stepEnvironment(step, helmfileEnvironment({})),
      withheld: withheldVariables,
    }),
  );
  return exitCodes.done;
}

/** What decides what is deployed, as it was given. An inventory stands in for the tree, and is none. */
function flagsOf(settings: Settings, context: Pick<RunbookContext, "argv">): string[] {
  const { selection, flags, servicesDir, namesServicesDir } = settings;
  const { service, exclude, priority, resumeAt } = selection;
  return [
    ...(namesServicesDir ? ["--services_dir", servicesDir] : []),
    ...pluginFlagsOf(settings, context),
    ...service.flatMap((glob) => ["-s", glob]),
    ...(exclude.length > 0 ? ["--exclude", exclude.join(",")] : []),
    ...(priority.length > 0 ? ["--priority", priority.join(",")] : []),
    ...(resumeAt === undefined ? [] : ["--resume_at", resumeAt]),
    ...Object.keys(flags).map((name) => `--${name}`),
  ];
}

function pluginFlagsOf({ registry }: Settings, { argv }: Pick<RunbookContext, "argv">): string[] {
  const { path, none } = pluginFlags(argv);
  return [
    ...(path === undefined ? [] : ["--plugin", path]),
    ...(none ? ["--no-plugin"] : []),
    ...(registry === undefined ? [] : ["--registry", registry]),
  ];
}

/** With more services than these, a command line is no longer a way to say which ones. */
const mostServices = 8;

/**
 * The command line that deploys just what these steps deploy, if there is one: the plugin is asked what such a rollout
 * would do, so that the runbook does not say more than is true.
 */
async function commandForStage(
  plan: Plan,
  ids: readonly string[],
  context: RunbookContext & { readonly tree: Tree },
): Promise<readonly string[] | undefined> {
  const { settings, plugin, found, tree } = context;
  const own = plan.steps.filter(({ id }) => ids.includes(id));
  const wanted = releasesIn(own);
  if (wanted.length === 0) return undefined;
  const services = [...new Set(own.map(({ service }) => service))];
  const { selection, flags, servicesDir } = settings;
  const narrowed = { ...settings, selection: { ...selection, service: services } };
  const ways: Settings[] = [
    ...(found?.manifest.flags ?? []).map(({ name }) => ({ ...settings, flags: { ...flags, [name]: true } })),
    ...(services.length <= mostServices ? [narrowed] : []),
  ];
  for (const way of ways) {
    const asked = { version: 1, tree, mode: "apply", servicesDir } as const;
    const { selection: chosen, flags: given } = way;
    const { plan: other } = await plugin.ask("rollout:plan", { ...asked, selection: chosen, flags: given });
    if (other && !other.stages.some(({ run }) => run) && sameReleases(releasesIn(other.steps), wanted))
      return ["apply", "-e", plan.environment, ...flagsOf(way, context)];
  }
  return undefined;
}

function releasesIn(steps: Plan["steps"]): string[] {
  return steps.flatMap(({ releases }) => releases).toSorted();
}

function sameReleases(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((id, at) => id === other[at]);
}
