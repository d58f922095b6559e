import type { Diagnostic } from "../common/diagnostic.ts";
import type { JsonPath } from "../common/json-place.ts";
import { parseRequestJson, requestFaults } from "../common/json-request.ts";
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
  version: z.exactOptional(z.literal(1)),
  environment: z.exactOptional(
    nameThat(isEnvironmentName, {
      of: "an environment",
      rule: "letters, digits, dots, dashes and underscores",
    }),
  ),
  releases: z.array(
    z.strictObject(targetShape, {
      error: 'the text "NAMESPACE/RELEASE", or an object with "namespace" and "release"',
    }),
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
export function parsePreflightRequest(source: SourceText): Result<PreflightRequest, readonly Diagnostic[]> {
  const read = parseRequestJson(source, `a request, for example ${example}`);
  if (!read.ok) return read;
  const value = splitIds(read.value.value);
  const parsed = z.safeParse(requestSchema, value);
  if (!parsed.success) {
    const expected = ({ message }: z.core.$ZodIssue) => message;
    return fail(requestFaults(parsed.error.issues, { ...read.value, value, knownKeys, expected }));
  }
  const { environment, releases: targets } = parsed.data;
  return ok({ targets, ...(environment === undefined ? {} : { environment }) });
}

function knownKeys(_: unknown, path: JsonPath): readonly string[] {
  return Object.keys(path.length === 0 ? requestShape : targetShape);
}

function nameThat(
  is: (text: string) => boolean,
  { of, rule }: { readonly of: string; readonly rule: string },
) {
  return z.string(`the name of ${of}`).check(z.refine(is, `the name of ${of}: ${rule}`));
}

/** Before the schema looks: what it finds in a part of an id is told of that part, in the place of the whole. */
function splitIds(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("releases" in value)) return value;
  const { releases } = value;
  return Array.isArray(releases) ? { ...value, releases: releases.map(splitId) } : value;
}

/** A name has no slash; what has none, or several, is no id, and left for the schema to refuse. */
function splitId(value: unknown): unknown {
  if (typeof value !== "string") return value;
  const [namespace, release, ...more] = value.split("/");
  return release === undefined || more.length > 0 ? value : { namespace, release };
}
