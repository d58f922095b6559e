import type { HookName } from "../core/hooks/hooks.ts";
import {
  addCheckFlags,
  addDeriveFlags,
  addExplainFlags,
  addHookFlags,
  addPreflightFlags,
  addReportFlags,
  addRolloutFlags,
  addRunbookFlags,
  addRunsFlags,
  addWatching,
  type FlagTarget,
  type VerbNature,
} from "./verb-flags.ts";

/** A verb that no plugin adds. */
export interface OwnVerb {
  readonly name: string;
  readonly summary: string;
  readonly example: string;
  /** @default the flags of a rollout */
  readonly addFlags?: (target: FlagTarget, nature: VerbNature) => void;
  /** The rollout that it is about where `--mode` names none: `apply`, or the first that the plugin adds. */
  readonly shownRollout?: "apply" | "plugin";
  /** Whether the flags that a plugin adds to rollouts are for it, too. @default true */
  readonly isAboutRollouts?: boolean;
  /** There is no such verb with a plugin that does not answer this hook. */
  readonly hook?: HookName;
  /** A word that may stand behind it: what it is, and, where it must stand there, what is to be said without it. */
  readonly word?: { readonly is: string; readonly required?: string };
  /** What its exit codes mean, where that is something of its own. */
  readonly exitCodeHelp?: string;
}

const spelling = "In flags, _ and - are the same.";

/** What exit codes mean. */
export const exitCodeHelp = `
Exit codes: 0 done; 1 something failed or was blocked; 2 usage or configuration;
            3 could not find out (helmfile or cluster out of reach); 130 interrupted.
${spelling}`;

/** Environment variables that people set: `docs/environment.md` has all of them. */
export const environmentHelp = `
Environment variables:
  KUBECONFIG               the cluster to look at, where neither flag, registry nor helmfile names a file
  XDG_STATE_HOME           below it are journals, locks and logs (default: ~/.local/state)
  NO_COLOR, FORCE_COLOR    without or with colours, whatever the terminal is
  CHARLIE_MEDIAWIKI_DEBUG  with any value, tells where a bug happened`;

/** In the order of the help. */
export const ownVerbs: readonly OwnVerb[] = [
  {
    name: "diff",
    summary: "show what an apply would change (the default)",
    example: "diff -e codfw -s 'shellbox*'",
  },
  {
    name: "list",
    summary: "list every release with its class, and what decided it",
    example: "list -e eqiad -o json",
  },
  {
    name: "plan",
    summary: "show what would run, and in what order",
    example: "plan --mode restore -e codfw -o json",
    shownRollout: "apply",
  },
  {
    name: "apply",
    summary: "show the diffs, ask once, and deploy",
    example: "apply -e codfw --exclude 'kartotherian,tegola*'",
  },
  {
    name: "inventory",
    summary: "write what helmfile lists, for --inventory",
    example: "inventory -e eqiad > eqiad.json",
    isAboutRollouts: false,
  },
  {
    name: "demo",
    summary: "a full restore on a simulated cluster",
    example: "demo --exclude cirrus-streaming-updater",
    addFlags: (target, nature) => {
      addRolloutFlags(target, nature);
      addWatching(target);
      target.option("--without", "show what happens on the same empty cluster without the plugin");
    },
  },
  {
    name: "explain",
    summary: "explain one release or service: its class, its place in the plan, what it waits for and why",
    example: "explain thumbor -e codfw",
    addFlags: addExplainFlags,
    shownRollout: "plugin",
    word: {
      is: "one release or service",
      required: "Name a release (NAMESPACE/NAME) or a service",
    },
  },
  {
    name: "runbook",
    summary:
      "write the procedure of a rollout as Markdown, with the plain commands for a day without this tool",
    example: "runbook -e codfw > codfw.md",
    addFlags: addRunbookFlags,
    shownRollout: "plugin",
  },
  {
    name: "derive",
    summary: "tell what releases need of one another, as their rendered charts show it",
    example: "derive -e codfw -o json",
    addFlags: addDeriveFlags,
    isAboutRollouts: false,
    exitCodeHelp: `
Exit codes: 0 done; 1 some charts or manifests could not be read; 2 usage or configuration;
            3 could not find out (nothing could be rendered); 130 interrupted.
${spelling}`,
  },
  {
    name: "runs",
    summary: "list the runs that were made from here, and how they ended",
    example: "runs -e codfw",
    addFlags: addRunsFlags,
    isAboutRollouts: false,
  },
  {
    name: "report",
    summary: "tell what happened in a run, by its journal: the newest, or the one that is named",
    example: "report -e codfw -o html > codfw.html",
    addFlags: addReportFlags,
    isAboutRollouts: false,
    word: { is: "one run, or the file of its journal" },
    exitCodeHelp: `
Exit codes: 0 done, however the run ended; 2 usage, or no such run; 3 its journal cannot be read.
${spelling}`,
  },
  {
    name: "preflight",
    summary: "tell whether releases may be deployed, what is missing, and what mends it; changes nothing",
    example: "preflight -e eqiad --release shop/main --release shop/canary -o json",
    addFlags: addPreflightFlags,
    isAboutRollouts: false,
    hook: "rollout:preflight",
    exitCodeHelp: `
Exit codes: 0 ready; 1 not ready; 2 usage or configuration;
            3 could not find out (cluster out of reach, or no right to look); 130 interrupted.
${spelling}`,
  },
  {
    name: "check",
    summary: "tell where the registry, the services, their charts and the deploying tool's list disagree",
    example: "check -o json",
    addFlags: addCheckFlags,
    isAboutRollouts: false,
    hook: "tree:check",
    exitCodeHelp: `
Exit codes: 0 clean, but for hints; 1 errors or warnings; 2 usage or configuration;
            3 could not find out (nothing could be read); 130 interrupted.
${spelling}`,
  },
  {
    name: "hook",
    summary: "ask the plugin for another program: one JSON request on stdin, one JSON answer on stdout",
    example: "hook rollout:plan < request.json > answer.json",
    addFlags: addHookFlags,
    word: { is: "the name of one hook", required: "Name one, for example rollout:plan" },
    isAboutRollouts: false,
    exitCodeHelp: `
Exit codes: 0 answered, and only then stdout holds an answer; 1 a fault of the plugin; 2 usage, configuration or request;
            3 could not find out (time was up); 130 interrupted.
${spelling}`,
  },
];

/** The word that may stand behind a verb; undefined where none may. */
export function wordBehind(verb: string): OwnVerb["word"] {
  return ownVerbs.find(({ name }) => name === verb)?.word;
}
