import type { Diagnostic, Place } from "../common/diagnostic.ts";
import { isGlob } from "../common/glob.ts";
import { didYouMean } from "../common/nearest.ts";
import { placeWithin } from "../common/places.ts";
import { itemsOf, textOf, type YamlNode } from "../yaml/yaml-tree.ts";

/** Takes a fault. Reading goes on behind it, so that all faults are found at once. */
export type ReportFault = (fault: Diagnostic) => void;

/** What the name of a release may be, in words. */
export const releaseNames =
  'at most 53 lower-case letters, digits, "-" and ".", a letter or digit first and last';

/** What a namespace's name may be, in words. */
export const namespaceNames =
  'at most 63 lower-case letters, digits and "-", neither beginning nor ending with "-"';

/** A text and its place. */
export interface PlacedText {
  readonly text: string;
  readonly place: Place;
}

/** What globs are matched against, in words. A `slash` is never in it, always in it, or in some. */
export interface GlobTarget {
  readonly what: string;
  readonly slash: "never" | "always" | "sometimes";
}

/** The texts of a list, or the one text that stands for it. What is no text is the schema's to report. */
export function textsOf(node: YamlNode | undefined): readonly PlacedText[] {
  if (!node) return [];
  const nodes = node.kind === "list" ? itemsOf(node) : [node];
  return nodes.flatMap((item) => {
    const text = textOf(item);
    return text === undefined ? [] : [{ text, place: item.place }];
  });
}

/** Reads globs with their places, or undefined where the key is not there. Reports those that can never match. */
export function readGlobs(
  node: YamlNode | undefined,
  target: GlobTarget,
  report: ReportFault,
): readonly PlacedText[] | undefined {
  if (!node) return undefined;
  const globs = textsOf(node);
  for (const glob of globs) checkGlob(glob, target, report);
  return globs;
}

function checkGlob({ text, place }: PlacedText, { what, slash }: GlobTarget, report: ReportFault): void {
  // No text at all is the schema's to report.
  if (text === "") return;
  const fault = { severity: "error", place } as const;
  if (!/^[A-Za-z0-9._*?[\]!/-]+$/.test(text)) {
    report({
      ...fault,
      code: "invalid-glob",
      message: `${JSON.stringify(text)} can never match ${what}`,
      expected: 'letters, digits, ".", "_", "-" and "/", and the wildcards *, ?, [ab] and [!ab]',
      ...(/[\s,{}]/.test(text) ? { remedy: "write several globs as a list" } : {}),
    });
  } else if (slash === "never" && text.includes("/")) {
    report({
      ...fault,
      code: "never-matches",
      message: `${JSON.stringify(text)} can never match ${what}, which has no "/"`,
      remedy: `write ${JSON.stringify(text.slice(text.lastIndexOf("/") + 1))}, if that is what is meant`,
    });
  } else if (slash === "always" && !text.includes("/") && !isGlob(text)) {
    report({
      ...fault,
      code: "never-matches",
      message: `${JSON.stringify(text)} can never match ${what}, which has a "/"`,
      remedy: `write NAMESPACE/${text}, or "*/${text}" for every namespace`,
    });
  }
}

/** Reports placeholders that nothing fills in. Braces around anything but a word are left alone. */
export function checkPlaceholders(
  { text, place }: PlacedText,
  known: readonly string[],
  report: ReportFault,
): void {
  for (const [placeholder] of text.matchAll(/\{\s*(?:[A-Za-z_][\w-]*\s*\}?|\})/g)) {
    if (known.includes(placeholder)) continue;
    report({
      severity: "error",
      code: "unknown-placeholder",
      message: `unknown placeholder ${placeholder}`,
      place: placeWithin(place, placeholder),
      expected: known.length === 1 ? `only ${known[0]}` : `only ${known.join(" and ")}`,
      ...didYouMean(placeholder, known),
    });
  }
}

/** The fault of a text that cannot be the name of a `what`. */
export function invalidName({ text, place }: PlacedText, what: string, expected: string): Diagnostic {
  return {
    severity: "error",
    code: "invalid-name",
    message: `${JSON.stringify(text)} cannot be the name of a ${what}`,
    place,
    expected,
  };
}
