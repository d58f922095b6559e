import { type Diagnostic, inOrder } from "../common/diagnostic.ts";
import { describeIssue, type RefusedJson, shown, unknownVersion } from "../common/json-fault.ts";
import { locateJson } from "../common/json-place.ts";
import type { SourceText } from "../common/places.ts";
import { fail, ok, type Result } from "../common/result.ts";
import * as z from "../common/zod.ts";
import { requestSchemas } from "./hook-requests.ts";
import type { HookName, HookRequests } from "./hooks.ts";
import { repeatsKeys } from "./json-repeated.ts";

/** How many faults of one request are told; more than that are the same mistake. */
const toldFaults = 20;

/**
 * Reads what another program asks a plugin: one JSON document, as {@link requestSchemas} has it.
 *
 * @returns the request, or every fault of the text (the first 20). Never throws.
 *
 * @example
 * const request = parseHookRequest("rollout:plan", { file: "request.json", text });
 * if (!request.ok) console.error(renderDiagnostics(request.failure));
 */
export function parseHookRequest<Name extends HookName>(
  hook: Name,
  { file, text: written }: SourceText,
): Result<HookRequests[Name], readonly Diagnostic[]> {
  const source = { file, text: written.replace(/^\uFEFF/, "") };
  if (source.text.trim() === "") return fail([emptyText(source)]);
  let value: unknown;
  try {
    value = JSON.parse(source.text);
  } catch (error) {
    return fail([notJson(source, error)]);
  }
  if (repeatsKeys(source.text, value)) return fail([keyTwice(source)]);
  const version = unknownVersion(value);
  if (version) return fail([version(locateJson(source))]);
  const parsed = z.safeParse(requestSchemas[hook], value, { error: nameKnownKeys });
  if (parsed.success) return ok(parsed.data as HookRequests[Name]);
  return fail(faultsOf(parsed.error.issues, value, source));
}

function faultsOf(
  issues: readonly z.core.$ZodIssue[],
  value: unknown,
  source: SourceText,
): readonly Diagnostic[] {
  const places = locateJson(source);
  const refused: RefusedJson = {
    value,
    whole: "the request",
    knownKeys: ({ message }) => message.split(", "),
  };
  const late = issues.flatMap((issue) => describeIssue(issue, refused));
  const told = late.slice(0, toldFaults).map((fault) => fault(places));
  const more = late.length - told.length;
  const rest: Diagnostic = { severity: "error", code: "more-faults", message: `and ${more} more` };
  return [...inOrder(told), ...(more > 0 ? [rest] : [])];
}

/** zod says which keys are unknown; which are known, only while it parses. */
function nameKnownKeys(issue: z.core.$ZodRawIssue): string | undefined {
  return issue.code === "unrecognized_keys" && issue.inst instanceof z.ZodMiniObject
    ? Object.keys(issue.inst.shape).join(", ")
    : undefined;
}

function emptyText({ file }: SourceText): Diagnostic {
  return {
    severity: "error",
    code: "empty-file",
    message: `${file} is empty`,
    expected: "one request, as JSON",
    remedy: "check that the program that writes the request has succeeded",
  };
}

function keyTwice(source: SourceText): Diagnostic {
  const { repeated } = locateJson(source);
  return {
    severity: "error",
    code: "repeated-key",
    message: `${repeated?.path ?? "a key"} stands there twice, and only one would count`,
    ...(repeated && shown(repeated.place)),
    expected: "each key once",
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
