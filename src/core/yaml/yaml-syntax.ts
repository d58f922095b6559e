import { Composer, CST, type Document, Parser, type YAMLError } from "yaml";
import type { Diagnostic, Place } from "../common/diagnostic.ts";
import type { PlaceAt } from "../common/places.ts";

/** What a text may be at most: what goes beyond can only be a mistake, or meant to harm. */
export interface YamlLimits {
  /** What the text is, and ought to be, in words. */
  readonly what: string;
  readonly expected: string;
  readonly mebibytes: number;
  readonly levels: number;
}

/** More than any registry that people write. */
export const fileLimits: YamlLimits = {
  what: "file",
  expected: "a file that people write and read",
  mebibytes: 1,
  levels: 50,
};

/** A text as the YAML library reads it. Without a document, the faults say why. */
export interface ComposedYaml {
  readonly document?: Document.Parsed;
  readonly faults: readonly Diagnostic[];
}

/**
 * Reads the one YAML document of a text. Of its syntax errors the first is a fault: one wrong indentation makes what follows
 * wrong for the library, too. So is what YAML would only warn of.
 *
 * The library's composer calls itself for each level, and a stack that runs out inside of a regular expression ends
 * the whole process, with nothing to catch. So depth is measured first, on the parser's tokens.
 */
export function composeYaml(text: string, placeAt: PlaceAt, limits = fileLimits): ComposedYaml {
  const { levels, mebibytes } = limits;
  if (text.length > mebibytes * 1024 * 1024) return { faults: [tooLong(placeAt(0, 1), limits)] };
  const tokens = [...new Parser().parse(text)];
  const deep = nestedTokens(tokens, levels).find(({ depth }) => depth > levels)?.token;
  if (deep) return { faults: [tooDeep(placeAt(deep.offset, deep.offset + 1), levels)] };
  const composer = new Composer({ prettyErrors: false, uniqueKeys: false, logLevel: "silent" });
  const documents = [...composer.compose(tokens, true, text.length)];
  const [wrong] = documents.flatMap(({ errors }) => errors).toSorted((a, b) => a.pos[0] - b.pos[0]);
  const errors = [...(wrong ? [wrong] : []), ...documents.flatMap(({ warnings }) => warnings)];
  const unclosed = errors.length > 0 ? unclosedTokens(tokens, levels) : [];
  const faults = [
    ...errors.map((error) => syntaxFault(error, unclosed, placeAt)),
    ...severalDocuments(tokens, placeAt),
  ];
  const [document] = documents;
  // After a syntax error the tree has holes, which would be reported as faults that nobody made.
  return errors.length > 0 || document === undefined ? { faults } : { document, faults };
}

export function tooDeep(place: Place, levels: number): Diagnostic {
  return {
    severity: "error",
    code: "too-deep",
    message: `this lies more than ${levels} levels deep`,
    place,
    expected: "lists and maps a few levels deep",
  };
}

function tooLong(place: Place, { what, expected, mebibytes }: YamlLimits): Diagnostic {
  return {
    severity: "error",
    code: "too-long",
    message: `this ${what} is longer than ${mebibytes} MiB`,
    place,
    expected,
  };
}

/** All tokens that stand for values, and how deep they lie, down to one level more than is allowed. */
function nestedTokens(
  tokens: readonly CST.Token[],
  levels: number,
): { readonly token: CST.Token; readonly depth: number }[] {
  const nested = tokens.flatMap((token) =>
    token.type === "document" && token.value ? [{ token: token.value, depth: 1 }] : [],
  );
  for (const { token, depth } of nested) {
    if (depth > levels || !CST.isCollection(token)) continue;
    for (const { key, value } of token.items) {
      if (key) nested.push({ token: key, depth: depth + 1 });
      if (value) nested.push({ token: value, depth: depth + 1 });
    }
  }
  return nested;
}

function severalDocuments(tokens: readonly CST.Token[], placeAt: PlaceAt): Diagnostic[] {
  const [first, ...others] = tokens.filter((token) => token.type === "document").map(documentStart);
  if (first === undefined) return [];
  return others.map((other) => ({
    severity: "error",
    code: "several-documents",
    message: "another YAML document begins here",
    place: placeAt(other, other + 3),
    expected: "one document in the file",
    remedy: 'remove the line "---", and move what follows it to the keys above',
    related: [{ message: "the first one begins here", place: placeAt(first, first + 1) }],
  }));
}

/** Comments before a document belong to it; what begins it is its `---`, or its first value. */
function documentStart(document: CST.Document): number {
  return (
    document.start.find(({ type }) => type === "doc-start")?.offset ??
    document.value?.offset ??
    document.offset
  );
}

function syntaxFault(error: YAMLError, unclosed: readonly Unclosed[], placeAt: PlaceAt): Diagnostic {
  const { code, message, pos } = error;
  const remedy = remedies[code];
  const opening = openingOf(error, unclosed);
  return {
    severity: "error",
    code: "not-yaml",
    message: `not valid YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}`,
    place: placeAt(pos[0], pos[1]),
    ...(remedy === undefined ? {} : { remedy }),
    ...(opening && {
      related: [{ message: "this is not closed", place: placeAt(opening.offset, opening.offset + 1) }],
    }),
  };
}

/** Where the quote or bracket begins that an error misses the end of, which may be many lines above. */
function openingOf({ message, pos }: YAMLError, unclosed: readonly Unclosed[]): CST.Token | undefined {
  const kind = /closing .quote/.test(message)
    ? "quote"
    : /^Flow (map|sequence) .*end with/.exec(message)?.[1];
  return unclosed.findLast((one) => one.kind === kind && one.token.offset < pos[0])?.token;
}

interface Unclosed {
  readonly kind: string;
  readonly token: CST.Token;
}

/** In the order of the text. */
function unclosedTokens(tokens: readonly CST.Token[], levels: number): readonly Unclosed[] {
  const unclosed = nestedTokens(tokens, levels).flatMap(({ token }) => {
    const kind = unclosedKind(token);
    return kind === undefined ? [] : [{ kind, token }];
  });
  // So many are no slip of a person, and looking each of them up for each error would take minutes.
  if (unclosed.length > 100) return [];
  return unclosed.sort((one, other) => one.token.offset - other.token.offset);
}

function unclosedKind(token: CST.Token): string | undefined {
  if (token.type === "flow-collection") {
    const [kind, end] =
      token.start.type === "flow-map-start" ? ["map", "flow-map-end"] : ["sequence", "flow-seq-end"];
    return token.end.some(({ type }) => type === end) ? undefined : kind;
  }
  if (token.type !== "double-quoted-scalar" && token.type !== "single-quoted-scalar") return undefined;
  const { source } = token;
  return source.length === 1 || !source.endsWith(source.charAt(0)) ? "quote" : undefined;
}

const remedies: Partial<Record<YAMLError["code"], string>> = {
  BAD_ALIAS: 'put a text that begins with "*" in quotes, for example "*"',
  BAD_DIRECTIVE: "remove the line",
  BAD_INDENT: "line up the keys of one map and the dashes of one list, and close every bracket",
  BAD_SCALAR_START: "put the text in quotes",
  BLOCK_AS_IMPLICIT_KEY: 'give each key its own line, and put a text that holds ": " in quotes',
  MISSING_CHAR: "add what is missing here or on the lines above: a quote, a bracket, or a colon behind a key",
  MULTILINE_IMPLICIT_KEY: "check the indentation of this line and of the next",
  TAB_AS_INDENT: "indent with spaces",
  TAG_RESOLVE_FAILED: 'remove the tag; a text that begins with "!" must be in quotes',
  UNEXPECTED_TOKEN: "check the quotes, the brackets and the indentation of this line and of the one above",
};
