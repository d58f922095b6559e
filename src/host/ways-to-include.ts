import type { Release, Tree } from "../core/common/release.ts";
import type { PluginFlags } from "../core/hooks/hooks.ts";
import { stepOfRelease } from "../core/plan/plan.ts";
import type { Selection } from "../core/tree/selection.ts";
import type { DeployContext } from "./deploy-context.ts";
import type { FoundManifest } from "./plugin-loader.ts";

/** What the verb `explain` works with. */
export type ExplainVerbContext = Pick<
  DeployContext,
  "plugin" | "settings" | "terminal" | "verb" | "env" | "interruption"
> & {
  readonly found: FoundManifest | undefined;
};

/** The same rollout, asked for in another way. */
interface Alternative {
  /** As a person would say it. */
  readonly words: string;
  readonly selection: Selection;
  readonly flags: PluginFlags;
}

/**
 * The ways to have a release deployed that the rollout leaves out: the plugin is asked for the plans of other flags, as
 * nobody else knows what they do. Those that take two changes count only where none takes one.
 */
export async function waysToInclude(
  release: Release,
  tree: Tree,
  context: ExplainVerbContext,
): Promise<readonly string[]> {
  const { plugin, settings, verb } = context;
  const including = async ({ words, selection, flags }: Alternative): Promise<string[]> => {
    const { mode } = verb;
    const { servicesDir } = settings;
    const asked = { version: 1, tree, mode, servicesDir, selection, flags } as const;
    const { plan } = await plugin.ask("rollout:plan", asked);
    return plan && stepOfRelease(plan, release) ? [words] : [];
  };
  const one = oneChange(context);
  const found: string[] = [];
  for (const alternative of one) found.push(...(await including(alternative)));
  if (found.length > 0 || one.length < 2) return found;
  for (const alternative of twoChanges(context)) found.push(...(await including(alternative)));
  return found;
}

function oneChange({ settings, found }: ExplainVerbContext): Alternative[] {
  const { selection, flags } = settings;
  const names = (found?.manifest.flags ?? []).map(({ name }) => name);
  return [
    ...(narrows(selection) ? [{ words: everything, selection: withoutNarrowing(selection), flags }] : []),
    ...names.map((name) => ({ words: toggled(name, flags), selection, flags: toggle(name, flags) })),
  ];
}

function twoChanges(context: ExplainVerbContext): Alternative[] {
  const { selection } = context.settings;
  if (!narrows(selection)) return [];
  const [, ...ofFlags] = oneChange(context);
  return ofFlags.map(({ words, flags }) => ({
    words: `${words}, ${everything}`,
    selection: withoutNarrowing(selection),
    flags,
  }));
}

const everything = "without what narrows the selection (-s, --exclude, --resume_at)";

function narrows({ service, exclude, resumeAt }: Selection): boolean {
  return service.length > 0 || exclude.length > 0 || resumeAt !== undefined;
}

function withoutNarrowing({ priority }: Selection): Selection {
  return { service: [], exclude: [], priority };
}

function toggled(name: string, flags: PluginFlags): string {
  return flags[name] === true ? `without --${name}` : `with --${name}`;
}

function toggle(name: string, flags: PluginFlags): PluginFlags {
  const { [name]: was, ...others } = flags;
  return was === true ? others : { ...others, [name]: true };
}
