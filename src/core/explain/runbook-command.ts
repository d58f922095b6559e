import { quoted } from "../common/words.ts";
import type { Step } from "../plan/plan.ts";
import type { RunbookFacts } from "./runbook-facts.ts";
import type { ShellItem } from "./shell-loop.ts";

/** A command line of this tool, to copy. */
export function commandLine(words: readonly string[]): string {
  return ["charlie-mediawiki", ...words].map(quoted).join(" ");
}

/**
 * The plain helmfiles of steps, one after the other, each with all that it needs: its environment in one line, the
 * command in the next. The first that fails is the last that runs.
 */
export function plainCommands(steps: readonly Step[], facts: Pick<RunbookFacts, "environmentOf">): ShellItem {
  const commands = steps.map((step) => plainCommand(step, facts));
  const last = commands.length - 1;
  return {
    name: steps[0]?.service ?? "",
    lines: commands.flatMap((lines, at) =>
      at === last ? lines : [...lines.slice(0, -1), `${lines.at(-1)} && \\`],
    ),
  };
}

function plainCommand(step: Step, { environmentOf }: Pick<RunbookFacts, "environmentOf">): string[] {
  const environment = Object.entries(environmentOf(step)).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${quoted(value)}`],
  );
  const command = ["helmfile", ...step.args].map(quoted).join(" ");
  return environment.length === 0 ? [command] : [`${environment.join(" ")} \\`, `  ${command}`];
}
