import * as z from "./zod.ts";

/** A text of some kind; `expected` says which, where it is none. */
export function textThat(is: (text: string) => boolean, expected: string) {
  return z.string().check(z.refine(is, expected));
}
