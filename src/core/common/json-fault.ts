import type { Diagnostic, Place } from "./diagnostic.ts";
import { type JsonPath, type JsonPlaces, renderJsonPath } from "./json-place.ts";
import { nearest } from "./nearest.ts";
import * as z from "./zod.ts";

/** A fault whose places are looked up only when it is shown. */
export type LateDiagnostic = (places: JsonPlaces) => Diagnostic;

/** What a schema refused, and how to speak of it. */
export interface RefusedJson {
  /** What was parsed. */
  readonly value: unknown;
  /** How the whole of it is called in messages, for example `the file`. */
  readonly whole: string;
  /** The keys that are known where an issue found one that is not. */
  readonly knownKeys: (issue: z.core.$ZodIssueUnrecognizedKeys, path: JsonPath) => readonly string[];
  /** What is expected where the schema refused something. @default what the kind of the issue says */
  readonly expected?: (issue: z.core.$ZodIssue) => string;
}

/** Says what a schema found, in words for people, with the place in the text. */
export function describeIssue(issue: z.core.$ZodIssue, refused: RefusedJson): LateDiagnostic[] {
  const { value, whole, knownKeys, expected = expectedOf } = refused;
  const path = issue.path.filter((part) => typeof part !== "symbol");
  if (issue.code === "unrecognized_keys") {
    const known = knownKeys(issue, path);
    return issue.keys.map((key) => unknownKey([...path, key], known));
  }
  const [found, isThere] = valueAt(value, path);
  const where = renderJsonPath(path) || whole;
  if (!isThere) return [missing({ where, path, issue, expected })];
  if (issue.message === z.tooManyFaults)
    return [() => fault("too-many-faults", `${where} has ${issue.message}`)];
  if (issue.code === "custom" && issue.params?.isSentence === true)
    return [
      (places) => ({ ...fault("conflict", `${where}: ${issue.message}`), ...shown(places.value(path)) }),
    ];
  return [wrong({ where, path, found, issue, expected })];
}

/** An issue that a check of a schema finds, which is told as it stands: it is a whole sentence. */
export function toldIssue(
  message: string,
  path: (string | number)[],
): z.core.$ZodRawIssue<z.core.$ZodIssueCustom> {
  return { code: "custom", input: undefined, message, path, params: { isSentence: true } };
}

/** Checked first: of another version nothing else can be told. */
export function unknownVersion(value: unknown): LateDiagnostic | undefined {
  const { success, data } = z.safeParse(z.object({ version: z.unknown() }), value);
  if (!success || data.version === undefined || data.version === 1) return undefined;
  return (places) => ({
    ...fault("unknown-version", `this version of the format is not known: ${shownValue(data.version)}`),
    ...shown(places.value(["version"])),
    expected: '"version": 1',
  });
}

function fault(code: string, message: string): Pick<Diagnostic, "severity" | "code" | "message"> {
  return { severity: "error", code, message };
}

/** An issue, and what it is about. */
interface FoundIssue {
  readonly where: string;
  readonly path: JsonPath;
  readonly issue: z.core.$ZodIssue;
  readonly expected: typeof expectedOf;
}

function missing({ where, path, issue, expected }: FoundIssue): LateDiagnostic {
  return (places) => ({
    ...fault("missing-key", `${where} is missing`),
    ...shown(places.value(path)),
    expected: expected(issue, undefined),
  });
}

function wrong({
  where,
  path,
  issue,
  expected,
  found,
}: FoundIssue & { readonly found: unknown }): LateDiagnostic {
  const isName = issue.code === "custom";
  const message = isName ? `${where} is not valid: ${shownValue(found)}` : `${where} is ${kindOf(found)}`;
  return (places) => ({
    ...fault(isName ? "invalid-name" : "wrong-type", message),
    ...shown(places.value(path)),
    expected: expected(issue, found),
  });
}

function unknownKey(path: JsonPath, known: readonly string[]): LateDiagnostic {
  return (places) => {
    const near = nearest(String(path.at(-1)), known);
    return {
      ...fault("unknown-key", `${renderJsonPath(path)} is not a key that is known here`),
      ...shown(places.key(path)),
      expected: near === undefined ? `one of ${known.join(", ")}` : `perhaps ${near}`,
    };
  };
}

function expectedOf(issue: z.core.$ZodIssue, found: unknown): string {
  switch (issue.code) {
    case "invalid_type":
      return nouns.get(issue.expected) ?? issue.expected;
    case "invalid_value": {
      const words = issue.values.filter((value) => typeof value === "string");
      const near = typeof found === "string" ? nearest(found, words) : undefined;
      if (near !== undefined) return `perhaps ${near}`;
      return issue.values.length === 1
        ? String(issue.values[0])
        : `one of ${issue.values.map(String).join(", ")}`;
    }
    case "invalid_union":
      // The labels of a release: nothing else that comes as JSON may be of two kinds.
      return "a text, or an object of texts";
    case "too_small":
      return issue.origin === "string" ? "a text that is not empty" : `at least ${issue.minimum}`;
    default:
      return issue.message;
  }
}

const nouns: ReadonlyMap<string, string> = new Map([
  ["string", "a text"],
  ["number", "a number"],
  ["int", "a whole number"],
  ["boolean", "true or false"],
  ["array", "a list"],
  ["object", "an object"],
  ["record", "an object"],
]);

function kindOf(value: unknown): string {
  return typeof value === "string" ? `the text ${shownValue(value)}` : shownValue(value);
}

/** Of what has parts only the kind: it may be huge, or nested deeper than can be written. */
export function shownValue(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  const json = JSON.stringify(value) ?? String(value);
  return json.length > 80 ? `${json.slice(0, 79)}…` : json;
}

function valueAt(value: unknown, path: JsonPath): [value: unknown, isThere: boolean] {
  let found = value;
  for (const part of path) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, part)) return [undefined, false];
    found = Reflect.get(found, part);
  }
  return [found, true];
}

/** A text without line breaks is one line of any length: too long to show, it is only named. */
const longestLine = 400;

/** The place for a diagnostic, without its line where that is too long. */
export function shown(place: Place): { readonly place: Place } {
  return { place: place.text.length <= longestLine ? place : { ...place, text: "", length: 1 } };
}
