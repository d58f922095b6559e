import { type Diagnostic, inOrder } from "./diagnostic.ts";
import { describeIssue, type RefusedJson, unknownVersion } from "./json-fault.ts";
import { locateJson } from "./json-place.ts";
import { repeatedKey } from "./json-repeated.ts";
import type { SourceText } from "./places.ts";
import { fail, ok, type Result } from "./result.ts";
import type * as z from "./zod.ts";

/** What another program has written, as far as no schema is needed to read it. */
export interface RequestJson {
  readonly source: SourceText;
  readonly value: unknown;
}

/**
 * Reads the JSON of a request: one document, each of its keys once, of a version that is known.
 *
 * @param expected what to write instead of nothing
 */
export function parseRequestJson(
  { file, text: written }: SourceText,
  expected: string,
): Result<RequestJson, readonly Diagnostic[]> {
  const source = { file, text: written.replace(/^\uFEFF/, "") };
  if (source.text.trim() === "") return fail([emptyText(file, expected)]);
  let value: unknown;
  try {
    value = JSON.parse(source.text);
  } catch (error) {
    return fail([notJson(source, error)]);
  }
  const repeated = repeatedKey(source, value);
  if (repeated) return fail([repeated]);
  const version = unknownVersion(value);
  return version ? fail([version(locateJson(source))]) : ok({ source, value });
}

/** How many faults of one request are told; more than that are the same mistake. */
const toldFaults = 20;

/** What a schema found in a request, each fault in its place: the first 20, and how many more there are. */
export function requestFaults(
  issues: readonly z.core.$ZodIssue[],
  { source, ...refused }: Omit<RefusedJson, "whole"> & { readonly source: SourceText },
): readonly Diagnostic[] {
  const places = locateJson(source);
  const late = issues.flatMap((issue) => describeIssue(issue, { ...refused, whole: "the request" }));
  const told = late.slice(0, toldFaults).map((fault) => fault(places));
  const more = late.length - told.length;
  const rest: Diagnostic = { severity: "error", code: "more-faults", message: `and ${more} more` };
  return [...inOrder(told), ...(more > 0 ? [rest] : [])];
}

function emptyText(file: string, expected: string): Diagnostic {
  return {
    severity: "error",
    code: "empty-file",
    message: `${file} is empty`,
    expected,
    remedy: "check that the program that writes the request has succeeded",
  };
}

function notJson(source: SourceText, error: unknown): Diagnostic {
  const { fault } = locateJson(source);
  const severity = "error";
  if (!fault) return { severity, code: "invalid-json", message: "this is not JSON", expected: String(error) };
  const { place, expected, isEnd } = fault;
  if (expected === "the end of the file")
    return {
      ...{ severity, code: "several-requests", place },
      message: "something stands behind the request",
      expected: "one request, and nothing else",
    };
  const message = isEnd ? "the request ends in the middle: it is cut off" : "this is not JSON";
  return { severity, code: "invalid-json", message, place, expected };
}
