import type { YamlNode } from "../yaml/yaml-tree.ts";
import { checkPlaceholders, type PlacedText, type ReportFault, textsOf } from "./registry-texts.ts";

/** Reads a command, `log` or the `run` of a stage: what may be filled in, and what must be in one of its arguments. */
export function readCommand(
  node: YamlNode | undefined,
  { placeholders, needed }: { readonly placeholders: readonly string[]; readonly needed?: string },
  report: ReportFault,
): readonly string[] | undefined {
  // What is no list is the schema's to report.
  if (node?.kind !== "list") return undefined;
  const command = textsOf(node);
  const [program, ...args] = command;
  if (program) checkProgram(program, report);
  for (const argument of args) checkPlaceholders(argument, placeholders, report);
  if (needed !== undefined && command.length > 0 && !args.some(({ text }) => text.includes(needed))) {
    report({
      severity: "error",
      code: "missing-placeholder",
      message: `no argument of this command has the placeholder ${needed}`,
      place: node.place,
      expected: `${needed} in one of the arguments at least`,
      remedy: `add the argument "${needed}"`,
    });
  }
  return command.map(({ text }) => text);
}

function checkProgram({ text, place }: PlacedText, report: ReportFault): void {
  if (!text.startsWith("-") && !/[{}]/.test(text)) return;
  report({
    severity: "error",
    code: "invalid-program",
    message: `${JSON.stringify(text)} cannot be the program of a command`,
    place,
    expected: 'a program by its name or path, without placeholders, and not beginning with "-"',
    remedy: "name the program first, and its arguments after it",
  });
}
