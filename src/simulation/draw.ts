/** From the first to the second, in whatever unit the name of the value says. */
export type Range = readonly [min: number, max: number];

/**
 * A value of the range that depends on the key alone: it is the same whatever was drawn before, so that two runs
 * with the same seed agree even where their steps come in another order.
 */
export function draw([min, max]: Range, key: string): number {
  return Math.round(min + (max - min) * fraction(fnv1a(key)));
}

/** Text of the given length from the alphabet, by the key alone. */
export function drawText(alphabet: string, length: number, key: string): string {
  let text = "";
  for (let index = 0; index < length; index += 1) {
    text += alphabet.charAt(Math.floor(fraction(fnv1a(`${key}#${index}`)) * alphabet.length));
  }
  return text;
}

/** FNV-1a, 32 bits: spreads keys that differ in one character. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

/** One step of mulberry32: from 0 up to 1, without 1. */
function fraction(seed: number): number {
  const a = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(a ^ (a >>> 15), a | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000;
}
