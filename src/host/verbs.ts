import type { Option } from "commander";
import type { Manifest } from "../core/hooks/plugin-manifest.ts";
import { parseRunName } from "../core/journal/run-name.ts";
import type { KnownFlag } from "./command-words.ts";
import { type OwnVerb, ownVerbs } from "./own-verbs.ts";
import { applyVerb } from "./rollout-verb.ts";
import { exitCodes, Refusal } from "./settings.ts";
import { addRolloutFlags, type FlagTarget, type VerbNature } from "./verb-flags.ts";

/** A verb that the command has with its plugin. */
export interface Verb extends Pick<OwnVerb, "name" | "summary" | "example" | "exitCodeHelp"> {
  readonly flags: readonly Flag[];
  readonly addFlags: (target: FlagTarget) => void;
}

/** How a flag is written. */
interface Flag {
  /** With dashes, as `short` is. */
  readonly long: string;
  readonly short?: string;
  readonly takesValue: KnownFlag["takesValue"];
}

/** What the tool is asked about itself. */
const toolFlags: readonly Flag[] = [
  { long: "--help", short: "-h", takesValue: false },
  { long: "--version", short: "-V", takesValue: false },
];

/**
 * The verbs, in the order of the help. What a plugin adds must be new: charlie's own verbs and flags mean what they always
 * meant.
 */
export function listVerbs(manifest: Manifest | undefined): readonly Verb[] {
  const own = ownVerbs.filter(({ hook }) => hook === undefined || manifest?.hooks[hook] !== undefined);
  const pluginRollout = manifest?.verbs?.[0]?.name;
  const verbs = own.map((verb) =>
    defineVerb(verb, { needsWipedCluster: false, deploys: verb.name === applyVerb.name, pluginRollout }),
  );
  return manifest ? withPlugin(verbs, manifest) : verbs;
}

/** Every flag of every verb, by each of its spellings. */
export function knownFlags(verbs: readonly Verb[]): Map<string, KnownFlag> {
  const known = new Map<string, KnownFlag>();
  for (const { long, short, takesValue } of [...toolFlags, ...verbs.flatMap(({ flags }) => flags)]) {
    const isValue = (word: string) => parseRunName(word) !== undefined;
    const flag: KnownFlag = { name: long, takesValue, ...(takesValue === "optional" ? { isValue } : {}) };
    known.set(long, flag);
    if (short !== undefined) known.set(short, flag);
  }
  return known;
}

function defineVerb(
  { addFlags = addRolloutFlags, shownRollout, ...verb }: OwnVerb,
  nature: VerbNature & {
    /** The first rollout that the plugin adds. */
    readonly pluginRollout?: string | undefined;
  },
): Verb {
  const addAll = (target: FlagTarget) => {
    addFlags(target, nature);
    if (shownRollout === undefined) return;
    const rollout = shownRollout === "apply" ? applyVerb.name : (nature.pluginRollout ?? applyVerb.name);
    target.option("--mode <mode>", "apply, or the name of a rollout that the plugin adds", rollout);
  };
  const list = new FlagList(verb.name);
  addAll(list);
  return { ...verb, flags: list.flags, addFlags: addAll };
}

function withPlugin(own: readonly Verb[], { name: plugin, verbs = [], flags = [] }: Manifest): Verb[] {
  const all = [...own];
  for (const { name, summary, needsWipedCluster = false } of verbs) {
    if (all.some((verb) => verb.name === name)) {
      throw new Refusal(
        `the plugin ${plugin} adds the verb ${name}, which is there already`,
        exitCodes.usage,
      );
    }
    const example = `${name} -e codfw`;
    all.push(defineVerb({ name, summary, example }, { deploys: true, needsWipedCluster }));
  }
  const taken = new Set(knownFlags(all).keys());
  for (const { name } of flags) {
    const flag = `--${name}`;
    // With `no-` before it, a flag would be the contrary of another one.
    if (!/^(?!no-)[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
      throw new Refusal(`the plugin ${plugin} adds ${flag}, which is no name for a flag`, exitCodes.usage);
    }
    if (taken.has(flag)) {
      throw new Refusal(`the plugin ${plugin} adds ${flag}, which is there already`, exitCodes.usage);
    }
    taken.add(flag);
  }
  const switches = flags.map(({ name }): Flag => ({ long: `--${name}`, takesValue: false }));
  return all.map((verb) => {
    // They are about rollouts, and some verbs are not.
    if (isAboutNone(verb.name)) return verb;
    return {
      ...verb,
      flags: [...verb.flags, ...switches],
      addFlags: (target) => {
        verb.addFlags(target);
        for (const { name, summary } of flags) target.option(`--${name}`, summary);
      },
    };
  });
}

function isAboutNone(verb: string): boolean {
  return ownVerbs.some(({ name, isAboutRollouts = true }) => name === verb && !isAboutRollouts);
}

/** Only notes how flags are written. To make commands of commander, with all that parses them, takes longer for all the verbs. */
class FlagList implements FlagTarget {
  readonly flags: Flag[] = [];
  readonly #verb: string;

  constructor(verb: string) {
    this.#verb = verb;
  }

  name(): string {
    return this.#verb;
  }

  usage(): void {}

  option(written: string): this {
    const [, short, long = "", value] = /^(?:(-\w), )?(--[\w-]+)(?: ([<[]))?/.exec(written) ?? [];
    const takesValue = value === "[" ? "optional" : value === "<";
    this.flags.push({ long, ...(short === undefined ? {} : { short }), takesValue });
    return this;
  }

  addOption({ flags }: Option): this {
    return this.option(flags);
  }
}
