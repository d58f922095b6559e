import type { PluginFlags, Selection } from "../core/hooks.ts";

/** What the command line asked for. */
export interface Settings {
  readonly verb: string;
  /** Name or glob; absent where none was given. */
  readonly environment?: string;
  readonly servicesDir: string;
  readonly inventory?: string;
  /** The plugin's registry, instead of its own. */
  readonly registry?: string;
  readonly selection: Selection;
  /** The plugin's flags that were given. */
  readonly flags: PluginFlags;
  readonly skipGates: readonly string[];
  /** Of the verb `plan`. */
  readonly mode: string;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly jobs: number;
  readonly logDir?: string;
  readonly output: "text" | "json";
  /** Of the verb `demo`: show what happens without the plugin. */
  readonly without: boolean;
}

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
