import type { OpenCluster } from "../core/cluster/cluster-reader.ts";
import type { EventStream } from "../io/event-stream.ts";
import type { Terminal } from "../io/terminal.ts";
import type { Interruption } from "./interruption.ts";
import type { Plugin } from "./plugin-loader.ts";
import type { RolloutVerb } from "./rollout-verb.ts";
import type { Settings } from "./settings.ts";

/** What a verb that deploys works with. */
export interface DeployContext {
  readonly plugin: Plugin;
  readonly settings: Settings;
  readonly terminal: Terminal;
  readonly verb: RolloutVerb;
  readonly openCluster: OpenCluster;
  readonly interruption: Interruption;
  /** The operator's environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The words of the command line, and what was taken over from the run that it goes on with. */
  readonly argv: readonly string[];
  /** That run. */
  readonly goesOnWith?: string;
  /** Where programs read what happens. */
  readonly events?: EventStream | undefined;
  /** Of this package. */
  readonly version: string;
}
