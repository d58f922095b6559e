const compiled = new Map<string, RegExp>();

/** Of a regular expression. Names are much shorter, so nothing matches a longer one, which JavaScript may refuse. */
const longestSource = 20_000;

/**
 * Whether one of the globs matches the whole text.
 *
 * Globs are those of Python's `fnmatch`, which charlie uses: `*` is any text, dots and slashes included (so that
 * `*` matches `foo/bar`), `?` is any character, `[ab]` and `[!a-z]` one of a set or none of it. Nothing else is
 * special. Libraries for file names were tried: they give slashes, leading dots, `!` and `\` a meaning, and some
 * globs make them slow or hang.
 *
 * @example matchesAny(["mw-*", "shellbox"], "mw-web/main") // true
 */
export function matchesAny(globs: readonly string[], text: string): boolean {
  return globs.some((glob) => compile(glob).test(text));
}

/** Whether the text has a character that is special in a glob. */
export function isGlob(text: string): boolean {
  return /[*?[]/.test(text);
}

/** Compiles a glob, once: the same few stand against every release of a tree. */
function compile(glob: string): RegExp {
  const known = compiled.get(glob);
  if (known) return known;
  const [first = "", ...others] = chunks(glob);
  const last = others.pop();
  // Lookahead and backreference together never go back into a chunk once it is found, as no later chunk can gain
  // by it: without that, a glob with many stars takes exponential time.
  const middle = others.filter((chunk) => chunk !== "").map((chunk, at) => `(?=(.*?${chunk}))\\${at + 1}`);
  const source = last === undefined ? first : `${first}${middle.join("")}.*${last}`;
  const pattern = source.length > longestSource ? /(?!)/ : new RegExp(`^(?:${source})$`, "s");
  compiled.set(glob, pattern);
  return pattern;
}

/** The parts between the stars, as regular expressions. */
function chunks(glob: string): string[] {
  const parts = [""];
  let at = 0;
  while (at < glob.length) {
    const character = glob.charAt(at);
    const set = character === "[" ? setAt(glob, at) : undefined;
    if (character === "*") parts.push("");
    else parts.push((parts.pop() ?? "") + (set?.source ?? (character === "?" ? "." : quoted(character))));
    at = set?.end ?? at + 1;
  }
  return parts;
}

/** The set that begins at `[`, or undefined where no `]` ends it: then the bracket stands for itself. */
function setAt(glob: string, start: number): { readonly source: string; readonly end: number } | undefined {
  const negated = glob.charAt(start + 1) === "!";
  const from = start + (negated ? 2 : 1);
  // A bracket that comes first is a member of the set.
  const to = glob.indexOf("]", from + 1);
  if (to < 0) return undefined;
  const members = setMembers(glob.slice(from, to));
  if (members === "") return { source: negated ? "." : "(?!)", end: to + 1 };
  return { source: `[${negated ? "^" : ""}${members}]`, end: to + 1 };
}

function setMembers(text: string): string {
  let members = "";
  for (let at = 0; at < text.length; at += 1) {
    const low = text.charAt(at);
    if (text.charAt(at + 1) !== "-" || at + 2 >= text.length) {
      members += quoted(low);
      continue;
    }
    const high = text.charAt(at + 2);
    // `[z-a]` holds nothing; as a regular expression it would be a syntax error.
    if (low <= high) members += `${quoted(low)}-${quoted(high)}`;
    at += 2;
  }
  return members;
}

function quoted(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/-]/, "\\$&");
}
