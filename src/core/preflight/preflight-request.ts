import type { Diagnostic } from "../common/diagnostic.ts";
import { shownValue } from "../common/json-fault.ts";
import { type JsonPath, type JsonPlaces, locateJson, renderJsonPath } from "../common/json-place.ts";
import { nearest } from "../common/nearest.ts";
import type { SourceText } from "../common/places.ts";
import { isEnvironmentName, isNamespaceName, isReleaseName } from "../common/release.ts";
import { fail, ok, type Result } from "../common/result.ts";
import * as z from "../common/zod.ts";
import type { PreflightPair } from "../hooks/hooks.ts";

/** What another program asks a preflight. */
export interface PreflightRequest {
  readonly environment?: string;
  readonly targets: readonly PreflightPair[];
}

const targetShape = {
  namespace: nameThat(isNamespaceName, {
    of: "a namespace",
    rule: "at most 63 lower-case letters, digits and dashes",
  }),
  release: nameThat(isReleaseName, {
    of: "a release",
    rule: "at most 53 lower-case letters, digits, dashes and dots",
  }),
};

const requestShape = {
  version: z.exactOptional(z.literal(1, "1, or no such key")),
  environment: z.exactOptional(
    nameThat(isEnvironmentName, {
      of: "an environment",
      rule: "letters, digits, dots, dashes and underscores",
    }),
  ),
  releases: z.array(
    z.pipe(
      z.transform(splitId),
      z.strictObject(targetShape, {
        error: 'the text "NAMESPACE/RELEASE", or an object with "namespace" and "release"',
      }),
    ),
    { error: 'a list, for example ["mw-web/main"]' },
  ),
};

const example = '{"environment": "eqiad", "releases": ["mw-web/main"]}';
const requestSchema = z.strictObject(requestShape, { error: `an object, for example ${example}` });

/**
 * Reads the request that a program pipes to a preflight: JSON with `releases`, each `"NAMESPACE/RELEASE"` or an object
 * with these two keys, and perhaps `environment` and `version`.
 *
 * @returns the request, or every fault of the text. Never throws.
 */
export function parsePreflightRequest({
  file,
  text: written,
}: SourceText): Result<PreflightRequest, readonly Diagnostic[]> {
  const text = written.replace(/^\uFEFF/, "");
  if (text.trim() === "") return fail([emptyText(file)]);
  const json = parseJson(text);
  if (!json.ok) return fail([notJson(locateJson({ file, text }))]);
  const parsed = z.safeParse(requestSchema, json.value);
  if (!parsed.success) {
    const places = locateJson({ file, text });
    const faults = parsed.error.issues.flatMap((issue) => faultsOf(issue, { value: json.value, places }));
    return fail(faults.toSorted(byPlace));
  }
  const { environment, releases: targets } = parsed.data;
  return ok({ targets, ...(environment === undefined ? {} : { environment }) });
}

function nameThat(
  is: (text: string) => boolean,
  { of, rule }: { readonly of: string; readonly rule: string },
) {
  return z.string(`the name of ${of}`).check(z.refine(is, `the name of ${of}: ${rule}`));
}

function byPlace({ place: one }: Diagnostic, { place: other }: Diagnostic): number {
  return one && other ? one.line - other.line || one.column - other.column : 0;
}

/** A name has no slash; what has none, or several, is no id, and left for the schema to refuse. */
function splitId(value: unknown): unknown {
  if (typeof value !== "string") return value;
  const [namespace, release, ...more] = value.split("/");
  return release === undefined || more.length > 0 ? value : { namespace, release };
}

function parseJson(text: string): Result<unknown, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return ok(value);
  } catch (error) {
    return fail(error);
  }
}

function emptyText(file: string): Diagnostic {
  return {
    severity: "error",
    code: "empty-file",
    message: `${file} is empty`,
    expected: `a request, for example ${example}`,
    remedy: "check that the program that writes the request has succeeded",
  };
}

function notJson({ fault }: JsonPlaces): Diagnostic {
  return {
    severity: "error",
    code: "invalid-json",
    message: fault?.isEnd ? "the request ends in the middle: it is cut off" : "this is not JSON",
    ...(fault ? { place: fault.place, expected: fault.expected } : { expected: "JSON" }),
  };
}

function faultsOf(
  issue: z.core.$ZodIssue,
  { value, places }: { readonly value: unknown; readonly places: JsonPlaces },
): Diagnostic[] {
  const path = issue.path.filter((part) => typeof part !== "symbol");
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey([...path, key], places));
  const found = valueAt(value, path);
  const where = renderJsonPath(path) || "the request";
  if (issue.message === z.tooManyFaults)
    return [{ severity: "error", code: "too-many-faults", message: `${where} has ${issue.message}` }];
  const fault = { severity: "error", place: places.value(path), expected: issue.message } as const;
  return found === undefined
    ? [{ ...fault, code: "missing-key", message: `${where} is missing` }]
    : [{ ...fault, code: "wrong-value", message: `${where} is ${shownValue(found)}` }];
}

function unknownKey(path: JsonPath, places: JsonPlaces): Diagnostic {
  const known = Object.keys(path.length === 1 ? requestShape : targetShape);
  const near = nearest(String(path.at(-1)), known);
  return {
    severity: "error",
    code: "unknown-key",
    message: `${renderJsonPath(path)} is not a key that is known here`,
    place: places.key(path),
    expected: `one of ${known.join(", ")}`,
    ...(near === undefined ? {} : { remedy: `did you mean ${JSON.stringify(near)}?` }),
  };
}

/** Undefined where there is none. A part of an id is the whole id. */
function valueAt(value: unknown, path: JsonPath): unknown {
  let found = value;
  for (const part of path) {
    if (typeof found === "string") return found;
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, part)) return undefined;
    found = Reflect.get(found, part);
  }
  return found;
}
