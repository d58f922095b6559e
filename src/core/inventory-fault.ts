import * as z from "zod";
import type { Diagnostic, Place } from "./diagnostic.ts";
import { type JsonPath, type JsonPlaces, locateJson, renderJsonPath } from "./json-place.ts";
import { nearest } from "./nearest.ts";
import { releaseId } from "./release.ts";

/** A fault whose places are looked up only when it is shown. */
export type LateDiagnostic = (places: JsonPlaces) => Diagnostic;

/** The keys that are known, by the list that holds the object; of the whole file under the empty text. */
export type KnownKeys = ReadonlyMap<string, readonly string[]>;

/** Every fault of an inventory that the schema refused: what the schema found, and what collides in what is sound. */
export function inventoryFaults({
  file,
  text,
  value,
  issues,
  knownKeys,
}: {
  readonly file: string;
  readonly text: string;
  readonly value: unknown;
  readonly issues: readonly z.core.$ZodIssue[];
  readonly knownKeys: KnownKeys;
}): readonly Diagnostic[] {
  const places = locateJson({ file, text });
  const version = unknownVersion(value);
  if (version) return [version(places)];
  const outline = outlineSchema.safeParse(value);
  const conflicts = outline.success ? inventoryConflicts(outline.data) : [];
  const faults = [...issues.flatMap((issue) => describeIssue({ issue, value, knownKeys })), ...conflicts];
  return faults.map((fault) => fault(places)).sort(byPlace);
}

function byPlace({ place: one }: Diagnostic, { place: other }: Diagnostic): number {
  return one && other ? one.line - other.line || one.column - other.column : 0;
}

/** What is named where, in an inventory of which other things may be wrong. */
export interface InventoryOutline {
  readonly services: readonly {
    readonly service: string;
    readonly releases: readonly { readonly namespace: string; readonly name: string }[];
  }[];
  readonly absent: readonly string[];
  readonly errors: readonly { readonly service: string }[];
}

const text = z.string().catch("");
const named = z.object({ service: text }).catch({ service: "" });
const outlineSchema: z.ZodType<InventoryOutline> = z.object({
  services: z
    .array(
      z
        .object({
          service: text,
          releases: z
            .array(z.object({ namespace: text, name: text }).catch({ namespace: "", name: "" }))
            .catch([]),
        })
        .catch({ service: "", releases: [] }),
    )
    .catch([]),
  absent: z.array(text).catch([]),
  errors: z.array(named).catch([]),
});

/** Services and releases that are named twice. A release without a namespace is unique only within its service. */
export function inventoryConflicts(outline: InventoryOutline): readonly LateDiagnostic[] {
  return [...serviceConflicts(outline), ...releaseConflicts(outline)];
}

function serviceConflicts({ services, absent, errors }: InventoryOutline): LateDiagnostic[] {
  const mentions: [string, JsonPath][] = [
    ...services.map(({ service }, index): [string, JsonPath] => [service, ["services", index, "service"]]),
    ...absent.map((service, index): [string, JsonPath] => [service, ["absent", index]]),
    ...errors.map(({ service }, index): [string, JsonPath] => [service, ["errors", index, "service"]]),
  ];
  return repeated(mentions, (name, first, again) => {
    const [was, is] = [first[0], again[0]].map((list) => lists.get(String(list)) ?? "");
    const message =
      was === is
        ? `service ${name} is ${is} twice`
        : `service ${name} is both ${was} and ${is}: it can be only one`;
    return { code: "duplicate-service", message };
  });
}

const lists = new Map([
  ["services", "listed"],
  ["absent", "absent"],
  ["errors", "an error"],
]);

function releaseConflicts({ services }: InventoryOutline): LateDiagnostic[] {
  const mentions = services.flatMap(({ service, releases }, index) =>
    releases.map(({ namespace, name }, at): [string, JsonPath] => {
      const id = releaseId(namespace, name);
      const key = name === "" ? "" : namespace === "" ? `${id} of ${service}` : id;
      return [key, ["services", index, "releases", at, "name"]];
    }),
  );
  return repeated(mentions, (name) => ({
    code: "duplicate-release",
    message: `release ${name} is listed twice`,
  }));
}

/** One diagnostic for each mention of a name after its first. */
function repeated(
  mentions: readonly [string, JsonPath][],
  describe: (name: string, first: JsonPath, again: JsonPath) => { code: string; message: string },
): LateDiagnostic[] {
  const firsts = new Map<string, JsonPath>();
  const found: LateDiagnostic[] = [];
  for (const [name, path] of mentions) {
    const first = firsts.get(name);
    if (name === "") continue;
    if (first === undefined) firsts.set(name, path);
    else {
      found.push((places) => ({
        severity: "error",
        ...describe(name, first, path),
        ...shown(places.value(path)),
        ...related(places.value(first)),
      }));
    }
  }
  return found;
}

/** Checked first: of another version nothing else can be told. */
function unknownVersion(value: unknown): LateDiagnostic | undefined {
  const { success, data } = z.object({ version: z.unknown() }).safeParse(value);
  if (!success || data.version === undefined || data.version === 1) return undefined;
  return (places) => ({
    severity: "error",
    code: "unknown-version",
    message: `this version of the format is not known: ${excerpt(data.version)}`,
    ...shown(places.value(["version"])),
    expected: '"version": 1',
  });
}

function describeIssue({
  issue,
  value,
  knownKeys,
}: {
  readonly issue: z.core.$ZodIssue;
  readonly value: unknown;
  readonly knownKeys: KnownKeys;
}): LateDiagnostic[] {
  const path = issue.path.filter((part) => typeof part !== "symbol");
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => unknownKey([...path, key], knownKeys));
  const [found, isThere] = valueAt(value, path);
  const where = renderJsonPath(path) || "the file";
  const severity = "error";
  if (!isThere) {
    const message = `${where} is missing`;
    return [(places) => ({ severity, code: "missing-key", message, ...shown(places.value(path)) })];
  }
  const isName = issue.code === "custom";
  const message = isName ? `${where} is not valid: ${excerpt(found)}` : `${where} is ${kindOf(found)}`;
  const expected = isName ? issue.message : expectedOf(issue);
  const code = isName ? "invalid-name" : "wrong-type";
  return [(places) => ({ severity, code, message, ...shown(places.value(path)), expected })];
}

function unknownKey(path: JsonPath, knownKeys: KnownKeys): LateDiagnostic {
  const holder = path.slice(0, -1).findLast((part) => typeof part === "string") ?? "";
  const known = knownKeys.get(String(holder)) ?? [];
  const near = nearest(String(path.at(-1)), known);
  return (places) => ({
    severity: "error",
    code: "unknown-key",
    message: `${renderJsonPath(path)} is not a key that is known here`,
    ...shown(places.key(path)),
    expected: near === undefined ? `one of ${known.join(", ")}` : `perhaps ${near}`,
  });
}

function expectedOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return nouns.get(issue.expected) ?? issue.expected;
    case "invalid_union":
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
]);

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  return typeof value === "string" ? `the text ${excerpt(value)}` : excerpt(value);
}

function excerpt(value: unknown): string {
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

function shown(place: Place): { readonly place?: Place } {
  return { place: short(place) };
}

function related(place: Place): Pick<Diagnostic, "related"> {
  return { related: [{ message: "first named here", place: short(place) }] };
}

function short(place: Place): Place {
  return place.text.length <= longestLine ? place : { ...place, text: "", length: 1 };
}
