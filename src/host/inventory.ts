import { renderInventory } from "../core/tree/inventory.ts";
import { chosenServices } from "./chosen-services.ts";
import type { CommandLineContext } from "./command-line.ts";
import { readTrees } from "./read-trees.ts";
import { type ExitCode, exitCodes, type Settings } from "./settings.ts";
import { tellUnreadable } from "./unreadable.ts";

/** The verb `inventory`: what helmfile lists, as a file that can stand in for the services. */
export async function writeInventories(settings: Settings, context: CommandLineContext): Promise<ExitCode> {
  const { terminal, env, interruption } = context;
  const reading = { env, signal: interruption.signal, onlyOne: settings.verb };
  for await (const tree of readTrees(settings, reading)) {
    const selected = chosenServices(tree, settings, terminal);
    tellUnreadable(terminal, selected.unreadable);
    terminal.answer(renderInventory(selected).trimEnd());
  }
  return interruption.signal.aborted ? exitCodes.interrupted : exitCodes.done;
}
