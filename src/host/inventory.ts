import { renderDiagnostics } from "../core/common/diagnostic.ts";
import type { Tree } from "../core/common/release.ts";
import { renderInventory } from "../core/tree/inventory.ts";
import { selectServices } from "../core/tree/selection.ts";
import type { CommandLineContext } from "./command-line.ts";
import { readTrees } from "./read-trees.ts";
import { type ExitCode, exitCodes, Refusal, type Settings } from "./settings.ts";
import { tellUnreadable } from "./unreadable.ts";

/** The verb `inventory`: what helmfile lists, as a file that can stand in for the services. */
export async function writeInventories(settings: Settings, context: CommandLineContext): Promise<ExitCode> {
  const { terminal, env, interruption } = context;
  const reading = { env, signal: interruption.signal, onlyOne: settings.verb };
  for await (const tree of readTrees(settings, reading)) {
    const selected = selectFrom(tree, settings);
    tellUnreadable(terminal, selected.unreadable);
    terminal.answer(renderInventory(selected).trimEnd());
  }
  return interruption.signal.aborted ? exitCodes.interrupted : exitCodes.done;
}

function selectFrom(tree: Tree, { selection }: Settings): Tree {
  const { leftOut, diagnostics } = selectServices(tree, selection);
  if (diagnostics.some(({ severity }) => severity === "error")) {
    throw new Refusal(renderDiagnostics(diagnostics), exitCodes.usage);
  }
  return {
    ...tree,
    services: tree.services.filter(({ name }) => !leftOut.has(name)),
    absent: tree.absent.filter((name) => !leftOut.has(name)),
    unreadable: tree.unreadable.filter(({ service }) => !leftOut.has(service)),
  };
}
