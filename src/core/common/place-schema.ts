import * as z from "./zod.ts";

/** A `Place` as it comes from a plugin, or from a plan that was written down. */
export const placeSchema = z.strictObject({
  file: z.string(),
  line: z.int().check(z.minimum(1)),
  column: z.int().check(z.minimum(1)),
  length: z.int().check(z.minimum(1)),
  text: z.string(),
});
