import { closestMatch } from "leven";

/**
 * The known word that was probably meant, or undefined where none is near enough to be a typo: about one
 * letter in three may differ, and never more than three. Upper and lower case count as the same.
 *
 * @example nearest("suport", ["support", "mediawiki"]) // "support"
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  // Nobody mistypes a text of this length; comparing it would cost the product of the lengths.
  if (word.length > longestWord) return undefined;
  // Two letters that changed places are two letters that differ: five letters must be enough for that.
  const maxDistance = word.length < 3 ? 0 : Math.min(3, Math.floor((word.length + 1) / 3));
  const folded = known.map((candidate) => candidate.toLowerCase());
  const match = closestMatch(word.toLowerCase(), folded, { maxDistance });
  return match === undefined ? undefined : known[folded.indexOf(match)];
}

/** The remedy of a diagnostic that names the nearest of the known words, if one is near. */
export function didYouMean(word: string, known: readonly string[]): { readonly remedy?: string } {
  const meant = nearest(word, known);
  return meant === undefined ? {} : { remedy: `did you mean ${JSON.stringify(meant)}?` };
}

const longestWord = 100;
