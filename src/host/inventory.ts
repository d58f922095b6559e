import { renderInventory } from "../core/inventory.ts";
import type { CommandLineContext } from "./command-line.ts";
import { readTrees } from "./read-trees.ts";
import { type ExitCode, exitCodes, type Settings } from "./settings.ts";
import { tellUnreadable } from "./unreadable.ts";

/** The verb `inventory`: what helmfile lists, as a file that can stand in for the services. */
export async function writeInventories(settings: Settings, context: CommandLineContext): Promise<ExitCode> {
  const { terminal, env, interruption } = context;
  for await (const tree of readTrees(settings, {
    env,
    signal: interruption.signal,
    onlyOne: settings.verb,
  })) {
    tellUnreadable(terminal, tree.unreadable);
    terminal.answer(renderInventory(tree).trimEnd());
  }
  return interruption.signal.aborted ? exitCodes.interrupted : exitCodes.done;
}
