import { plainLine } from "../core/common/plain-line.ts";
import { fail, ok, type Result } from "../core/common/result.ts";
import * as z from "../core/common/zod.ts";

/** A list of the API, which leaves empty ones out, or writes null. */
export function listOf<Item extends z.ZodMiniType>(item: Item) {
  return z.pipe(
    z.nullish(z.array(item)),
    z.transform((items) => items ?? []),
  );
}

/** Labels and the like: absent, or null, where there are none. */
export const stringsByKey = z.pipe(
  z.nullish(z.record(z.string(), z.string())),
  z.transform((entries) => entries ?? {}),
);

/** A time as the API writes it, in milliseconds. */
export const time = z.pipe(
  z.string(),
  z.transform((text, context) => {
    const ms = isoTime.test(text) ? Date.parse(text) : Number.NaN;
    if (Number.isNaN(ms)) context.issues.push({ code: "custom", message: "no time", input: text });
    return ms;
  }),
);

const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** Words from the cluster, which are shown to people: one line, and nothing that a terminal would obey. */
export const words = z.pipe(
  z.string(),
  z.transform((text) => plainLine(text)),
);

/** Labels and the like that are shown to people. */
export const wordsByKey = z.pipe(
  z.nullish(z.record(words, words)),
  z.transform((entries) => entries ?? {}),
);

/** The value of a JSON text, or what is wrong with it in one line. */
export function parseJson<Value>(schema: z.ZodMiniType<Value>, text: string): Result<Value, string> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The parser's own words quote the text.
    return fail("an answer that is no JSON");
  }
  return parseValue(schema, json);
}

export function parseValue<Value>(schema: z.ZodMiniType<Value>, value: unknown): Result<Value, string> {
  const parsed = z.safeParse(schema, value);
  if (parsed.success) return ok(parsed.data);
  const [issue] = parsed.error.issues;
  const place = issue === undefined || issue.path.length === 0 ? "it" : issue.path.join(".");
  return fail(`an answer that is none of the Kubernetes API (${place}: ${issue?.message})`);
}
