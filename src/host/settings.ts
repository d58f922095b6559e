import type { PluginFlags, PreflightPair } from "../core/hooks/hooks.ts";
import type { Selection } from "../core/tree/selection.ts";

/** What the command line asked for. */
export interface Settings {
  readonly verb: string;
  /** Name or glob; absent where none was given. */
  readonly environment?: string;
  readonly servicesDir: string;
  /** Whether the operator named it. */
  readonly namesServicesDir: boolean;
  readonly inventory?: string;
  /** The plugin's registry, instead of its own. */
  readonly registry?: string;
  readonly selection: Selection;
  /** The plugin's flags that were given. */
  readonly flags: PluginFlags;
  readonly skipGates: readonly string[];
  /**
   * Of the verb `explain`: a release, a service or a namespace. Of `report`: a run, or the file of its journal. Of `hook`:
   * its name.
   */
  readonly subject?: string;
  /** Of the verbs `plan`, `explain` and `runbook`: what `--mode` names, `apply` or a verb that the plugin adds. */
  readonly rolloutName: string;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly jobs: number;
  /** How many of them in one namespace; absent: no limit. */
  readonly jobsPerNamespace?: number;
  readonly logDir?: string;
  /** Print the output of the steps also where a view shows the rollout. */
  readonly verbose: boolean;
  /** What the cluster is looked at with, instead of what registry and helmfiles name. */
  readonly kubeconfig?: string;
  /** The environment whose cluster may be in use: the one that the command is about. */
  readonly notWiped?: string;
  /** End a step as soon as it is clear that it cannot succeed. */
  readonly failFast: boolean;
  /** Absent where none was given: text, but for what programs ask. */
  readonly output?: OutputFormat;
  /** Where programs read what happens: a file, or `-`. */
  readonly events?: string;
  /** Where journals and locks are; absent: by the XDG rules. */
  readonly stateDir?: string;
  /** The run to go on with, or `newest`. */
  readonly resume?: string;
  /** Mend releases that were left half done, before their step. */
  readonly fixPending: boolean;
  /** How often a step is tried in all where a second try can mend it. */
  readonly tries: number;
  /** How long to wait for another run that deploys to the environment. */
  readonly waitSeconds: number;
  /** How long what runs may take to roll back after an interruption. */
  readonly rollbackLimitSeconds: number;
  /** Of the verb `demo`: show what happens without the plugin. */
  readonly without: boolean;
  /** Of the verbs `derive` and `check`: a folder, a file, or `-`. */
  readonly manifests?: string;
  /** Of the verb `check`: look at what is deployed. */
  readonly looksAtCluster: boolean;
  /** Of the verb `check`: propose a change of the registry, and write it. */
  readonly writes: boolean;
  /** Of the verb `preflight`, like all that follow. */
  readonly releases: readonly PreflightPair[];
  readonly stdin: boolean;
  readonly deployments?: string;
  /** Of the verb `hook`, too. */
  readonly timeoutSeconds: number;
  /** Whether the caller named it. */
  readonly namesTimeout: boolean;
}

/** How an answer can be written; which of them, each verb says. */
export type OutputFormat = "text" | "json" | "mermaid" | "markdown" | "html";

/** Whether all that stands on standard output is for programs: then words for people go elsewhere. */
export function answersPrograms({ output, events }: Settings): boolean {
  return output === "json" || events === "-";
}

/** Longer than helm's longest timeout. */
export const defaultRollbackLimitSeconds = 900;

/** Ends the command: what to tell, and with which exit code. */
export class Refusal extends Error {
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Public: done; something failed or was blocked; usage or configuration; could not find out; interrupted. */
export const exitCodes = { done: 0, failed: 1, usage: 2, unknown: 3, interrupted: 130 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
