/**
 * The known name from which a word differs by one slip: a letter that is missing, added or another one, or two neighbours
 * that changed places. Much narrower than {@link nearest}, for where more hangs on it than a hint: north is not
 * a typo of south, and what differs by its number or letter alone (`k8s-a`, `k8s-b`) is mostly another one of its kind.
 *
 * @example oneTypoAway("eqaid", ["codfw", "eqiad"]) // "eqiad"
 */
export function oneTypoAway(word: string, known: readonly string[]): string | undefined {
  return known.find((name) => name !== word && isOneTypo(word.toLowerCase(), name.toLowerCase()));
}

function isOneTypo(word: string, name: string): boolean {
  if (word === name) return true;
  if (Math.abs(word.length - name.length) > 1) return false;
  if (Math.min(word.length, name.length) < 3 || withoutNumber(word) === withoutNumber(name)) return false;
  const same = sameAtBegin(word, name);
  const [wordEnd, nameEnd] = [word.slice(same), name.slice(same)];
  const sameEnd = sameAtBegin(reversed(wordEnd), reversed(nameEnd));
  const [left, right] = [wordEnd, nameEnd].map((end) => end.slice(0, end.length - sameEnd));
  if (left === undefined || right === undefined) return false;
  if (left.length <= 1 && right.length <= 1) return true;
  return left.length === 2 && left === reversed(right);
}

function sameAtBegin(one: string, other: string): number {
  let same = 0;
  while (same < one.length && one[same] === other[same]) same += 1;
  return same;
}

function reversed(text: string): string {
  return [...text].reverse().join("");
}

function withoutNumber(name: string): string {
  return name.replace(/\d+|\b[a-z]\b/g, "");
}
