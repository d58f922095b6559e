import { escapes, unprintable } from "../common/plain-line.ts";

/**
 * Text that may hold what others have written, such as the output of a program, for a terminal. It keeps its lines, and
 * its colours where they are wanted; it cannot move the cursor, erase or write over what stands there, set a title, nor
 * turn the direction of writing. Its colours end with it.
 *
 * @example terminalText("\u001b[31mred\u001b[2J 10%\r20%", { colors: false }) // "red 10% 20%"
 */
export function terminalText(text: string, { colors }: { readonly colors: boolean }): string {
  if (plain.test(text)) return text;
  let kept = "";
  let at = 0;
  let isColored = false;
  for (const { 0: sequence, index } of text.matchAll(escapes)) {
    kept += withoutControls(text.slice(at, index));
    at = index + sequence.length;
    if (!colors || !color.test(sequence)) continue;
    kept += sequence;
    isColored = !reset.test(sequence);
  }
  return `${kept}${withoutControls(text.slice(at))}${isColored ? "\u001b[0m" : ""}`;
}

function withoutControls(text: string): string {
  return text.replace(unprintable, (run) => run.replace(/[^\n\t]+/g, "") || " ");
}

const plain = /^[\x20-\x7e\n\t]*$/;

const color = /^.\[[\d;:]*m$/;
const reset = /^.\[0*m$/;
