import { inspect } from "node:util";

/** What was thrown, in words: plugins throw all kinds of things. */
export function messageOf(error: unknown): string {
  if (typeof error === "string") return error;
  try {
    if (error instanceof Error) return String(error.message || error.name);
    return inspect(error, { depth: 1, breakLength: Number.POSITIVE_INFINITY });
  } catch {
    return "something that cannot be told in words";
  }
}
