/** A value of a rendered manifest, and the line that it begins in, counted from 1 in the whole text. */
export type ManifestNode = ManifestMap | ManifestList | ManifestScalar;

export interface ManifestMap {
  readonly kind: "map";
  readonly line: number;
  /** With the values beside them: most maps are so small that this is faster than any other way. */
  readonly keys: readonly string[];
  readonly values: readonly ManifestNode[];
}

export interface ManifestList {
  readonly kind: "list";
  readonly line: number;
  readonly items: readonly ManifestNode[];
}

export interface ManifestScalar {
  readonly kind: "scalar";
  readonly line: number;
  readonly value: string | number | boolean | null;
  /** A literal block (`|`): each line of the value is one of the text, from the next one on. */
  readonly isLiteral: boolean;
}

/** Levels of maps and lists: far more than any object has, and no reader exhausts the stack. */
export const deepestNesting = 200;

/** The value of a key. Of one that stands twice, which no YAML may have, it is the last one's. */
export function childOf(node: ManifestNode | undefined, key: string): ManifestNode | undefined {
  if (node?.kind !== "map") return undefined;
  const { keys } = node;
  // Asked some dozen times for each container: `lastIndexOf` takes longer for so few keys.
  for (let at = keys.length - 1; at >= 0; at--) if (keys[at] === key) return node.values[at];
  return undefined;
}

/** The value at the end of a path of keys. */
export function descendantOf(
  node: ManifestNode | undefined,
  ...path: readonly string[]
): ManifestNode | undefined {
  let found = node;
  for (const key of path) found = childOf(found, key);
  return found;
}

export function entriesOf(node: ManifestNode | undefined): readonly (readonly [string, ManifestNode])[] {
  if (node?.kind !== "map") return [];
  return node.values.map((value, at) => [node.keys[at] ?? "", value]);
}

export function itemsOf(node: ManifestNode | undefined): readonly ManifestNode[] {
  return node?.kind === "list" ? node.items : [];
}

/** A text; numbers too, which charts forget to quote. Undefined for what is empty or no scalar. */
export function wordOf(node: ManifestNode | undefined): string | undefined {
  if (node?.kind !== "scalar" || typeof node.value === "boolean") return undefined;
  return node.value === null || node.value === "" ? undefined : String(node.value);
}

export function scalarOf(node: ManifestNode | undefined): ManifestScalar["value"] | undefined {
  return node?.kind === "scalar" ? node.value : undefined;
}
