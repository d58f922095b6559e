import type { Diagnostic } from "../common/diagnostic.ts";
import { parseRequestJson, requestFaults } from "../common/json-request.ts";
import type { SourceText } from "../common/places.ts";
import { fail, ok, type Result } from "../common/result.ts";
import * as z from "../common/zod.ts";
import { requestSchemas } from "./hook-requests.ts";
import type { HookName, HookRequests } from "./hooks.ts";

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
  source: SourceText,
): Result<HookRequests[Name], readonly Diagnostic[]> {
  const read = parseRequestJson(source, "one request, as JSON");
  if (!read.ok) return read;
  const parsed = z.safeParse(requestSchemas[hook], read.value.value, { error: nameKnownKeys });
  if (parsed.success) return ok(parsed.data as HookRequests[Name]);
  const knownKeys = ({ message }: z.core.$ZodIssue) => message.split(", ");
  return fail(requestFaults(parsed.error.issues, { ...read.value, knownKeys }));
}

/** zod says which keys are unknown; which are known, only while it parses. */
function nameKnownKeys(issue: z.core.$ZodRawIssue): string | undefined {
  return issue.code === "unrecognized_keys" && issue.inst instanceof z.ZodMiniObject
    ? Object.keys(issue.inst.shape).join(", ")
    : undefined;
}
