import * as z from "zod";

/** A `Place` as it comes from a plugin, or from a plan that was written down. */
export const placeSchema = z.strictObject({
  file: z.string(),
  line: z.number().int().min(1),
  column: z.number().int().min(1),
  length: z.number().int().min(1),
  text: z.string(),
});
