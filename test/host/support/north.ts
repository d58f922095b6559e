import { join } from "node:path";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { type BuiltCommand, repository } from "./built-command.ts";
import { type ClusterBehind, type ClusterBehindOptions, clusterBehind } from "./cluster-behind.ts";
import { type ControlledHelmfile, controlledHelmfile } from "./controlled-helmfile.ts";
import { type Ended, runInProcess } from "./in-process.ts";
import { onTerminal, type Session } from "./pseudo-terminal.ts";
import { mediawikiInventory } from "./small-inventory.ts";

/**
 * The environment `north`: two namespaces of MediaWiki, `mw-web` and `shop`, each with its exporter, and `toolhub`; the
 * cluster that they are deployed to, and the command that MediaWiki is handed over to.
 */
export interface North extends ClusterBehind {
  readonly helmfile: ControlledHelmfile;
  readonly handOff: ControlledHelmfile;
  /** Where the output of the steps is kept. */
  readonly logs: string;
  /** Runs a verb in this process. */
  readonly run: (verb: string, ...flags: readonly string[]) => Promise<Ended>;
  /** Runs a verb with an operator before it. */
  readonly operate: (verb: string, ...flags: readonly string[]) => Session;
}

export async function startNorth(command: BuiltCommand, options?: ClusterBehindOptions): Promise<North> {
  const helmfile = controlledHelmfile();
  const handOff = controlledHelmfile("mediawiki-handoff");
  const cluster = await clusterBehind(helmfile, options);
  const logs = join(temporaryFolder(), "logs");
  const env = { PATH: `${handOff.folder}:${helmfile.path}`, HOME: temporaryFolder() };
  const argv = (verb: string, flags: readonly string[]): string[] => [
    ...[verb, "--registry", cluster.registryFile, "--inventory", mediawikiInventory()],
    ...["--log_dir", logs, ...flags],
  ];
  return {
    ...cluster,
    helmfile,
    handOff,
    logs,
    run: (verb, ...flags) => runInProcess([...argv(verb, flags), "--plugin", command.folder], { env }),
    operate: (verb, ...flags) =>
      onTerminal([process.execPath, command.program, ...argv(verb, flags)], {
        env: { ...env, TERM: "xterm", LANG: "C.UTF-8" },
        cwd: repository,
      }),
  };
}
