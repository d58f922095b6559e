// All of zod that schemas here are made of: its functions, not the classes with dozens of methods for each schema, which
// are a good part of what a command needs to start.

import { en } from "zod/locales";
import { config, type core, safeParse as parseAll } from "zod/mini";
import { $ZodError } from "zod/v4/core";

// By itself this part of zod says "Invalid input" of everything. The language is one for all of the process: it is set as
// classic zod sets it with its first schema, and only where nobody has chosen one.
if (!config().localeError) config(en());

export * from "zod/mini";
export { $constructor } from "zod/v4/core";

/** All that is said of what has more faults than zod can gather. */
export const tooManyFaults = "too many faults to tell";

/**
 * Zod's own, for whatever comes from outside: that one throws a RangeError where a list has some hundred thousand faults,
 * as it hands them on as the arguments of a call. Here they are one issue, `tooManyFaults`. Never throws.
 */
export function safeParse<Schema extends core.$ZodType>(
  schema: Schema,
  value: unknown,
  context?: core.ParseContext<core.$ZodIssue>,
): core.util.SafeParseSuccess<core.output<Schema>> | core.util.SafeParseError<unknown> {
  try {
    return parseAll(schema, value, context);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { success: false, error: new $ZodError([{ code: "custom", path: [], message: tooManyFaults }]) };
  }
}
