import type { Diagnostic } from "./diagnostic.ts";
import type { SourceText } from "./places.ts";

/**
 * That a text is UTF-16, which was read as if it were UTF-8; undefined for any other. Its byte order mark is no UTF-8, and
 * each of its letters has a zero beside it.
 */
export function utf16Fault({ file, text }: SourceText): Diagnostic | undefined {
  if (!/^\uFFFD\uFFFD(?:[^\0]\0|\0[^\0])/.test(text)) return undefined;
  return {
    severity: "error",
    code: "not-utf8",
    message: `${file} is not UTF-8: it begins as UTF-16 does`,
    remedy: "save it as UTF-8",
  };
}
