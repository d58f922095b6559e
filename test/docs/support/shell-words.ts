/** A command of a shell line: its words, and whether it feeds or follows another one. */
export type Words = readonly string[];

/**
 * Takes a shell line apart into commands and their words: quotes, `\` at the end of a line, comments, redirections and
 * `&&`, `||`, `;`, `|`. Throws on anything else that a shell would do with it: the docs do without.
 */
export function shellCommands(line: string): readonly Words[] {
  const commands: string[][] = [[]];
  const tokens = line.replace(/\\\n\s*/g, " ").matchAll(token);
  let end = 0;
  let skipNext = false;
  for (const match of tokens) {
    if (
      line
        .replace(/\\\n\s*/g, " ")
        .slice(end, match.index)
        .trim() !== ""
    )
      break;
    end = match.index + match[0].length;
    const [text] = match;
    if (text.startsWith("#")) continue;
    if (/^(&&|\|\|?|;|\n)$/.test(text)) commands.push([]);
    else if (/^\d?(>>?|<)$/.test(text)) skipNext = true;
    else if (skipNext) skipNext = false;
    else commands.at(-1)?.push(text.replace(/'([^']*)'|"([^"$`\\]*)"/g, (_, one, other) => one ?? other));
  }
  if (
    line
      .replace(/\\\n\s*/g, " ")
      .slice(end)
      .trim() !== ""
  )
    throw new Error(`not understood: ${line}`);
  return commands.filter((words) => words.length > 0);
}

const token = /#.*|&&|\|\|?|;|\n|\d?>>?|<|(?:'[^']*'|"[^"$`\\]*"|[^\s'"|;&<>#$`\\]|(?<=\S)#)+/g;

/** The arguments of each `charlie-mediawiki` of a shell line. */
export function charlieArguments(line: string): readonly Words[] {
  return shellCommands(line).flatMap((words) => {
    const at = words.indexOf("charlie-mediawiki");
    return at === -1 ? [] : [words.slice(at + 1)];
  });
}
