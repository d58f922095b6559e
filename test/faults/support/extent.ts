/** Everything is tried with `FAULTS=all`; else a part that is drawn anew with another `FAULTS_SEED`. */
export const everything = process.env.FAULTS === "all";

const seed = process.env.FAULTS_SEED ?? "1";

/** A number from 0 up to, not including, `below`: the same for the same seed and the same words. */
export function drawn(below: number, ...words: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const letter of [seed, ...words].join(" ")) {
    hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  // The last letters must not only move the last digits.
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0;
  return ((hash ^ (hash >>> 13)) >>> 0) % below;
}

/** The numbers from 1 to `count`, or a part of them: the first and the last five, and one of each ten between. */
export function sampled(count: number): readonly number[] {
  const all = Array.from({ length: count }, (_, at) => at + 1);
  if (everything) return all;
  return all.filter((number) => {
    const ten = Math.floor(number / 10);
    return number <= 5 || number > count - 5 || number % 10 === drawn(10, "sampled", ten);
  });
}

/** Says how much was tried: what passes is not to look like more than it was. */
export function tellExtent(what: string): void {
  const how = everything ? "everything" : `seed ${seed}; FAULTS=all tries everything`;
  process.stdout.write(`faults: ${what} (${how})\n`);
}
