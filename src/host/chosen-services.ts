import { renderDiagnostics } from "../core/common/diagnostic.ts";
import type { Tree } from "../core/common/release.ts";
import { selectServices } from "../core/tree/selection.ts";
import type { Terminal } from "../io/terminal.ts";
import { exitCodes, Refusal, type Settings } from "./settings.ts";

/** The tree with the services alone that the operator chose. A choice that matches nothing is refused. */
export function chosenServices(
  tree: Tree,
  { selection }: Pick<Settings, "selection">,
  terminal: Pick<Terminal, "tell">,
): Tree {
  const { leftOut, diagnostics } = selectServices(tree, selection);
  if (diagnostics.some(({ severity }) => severity === "error"))
    throw new Refusal(renderDiagnostics(diagnostics), exitCodes.usage);
  if (diagnostics.length > 0) terminal.tell(renderDiagnostics(diagnostics));
  return {
    ...tree,
    services: tree.services.filter(({ name }) => !leftOut.has(name)),
    absent: tree.absent.filter((name) => !leftOut.has(name)),
    unreadable: tree.unreadable.filter(({ service }) => !leftOut.has(service)),
  };
}
