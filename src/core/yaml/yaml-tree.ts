import type { Place } from "../common/diagnostic.ts";

/** A value of a YAML file and its place. What came by an alias has the place of the alias, all the way down. */
export type YamlNode = YamlMap | YamlList | YamlScalar;

export interface YamlMap {
  readonly kind: "map";
  readonly place: Place;
  readonly entries: ReadonlyMap<string, YamlEntry>;
}

export interface YamlEntry {
  readonly key: string;
  readonly keyPlace: Place;
  readonly node: YamlNode;
}

export interface YamlList {
  readonly kind: "list";
  readonly place: Place;
  readonly items: readonly YamlNode[];
}

export interface YamlScalar {
  readonly kind: "scalar";
  readonly place: Place;
  /** Text, a number, a boolean or null; with tags, anything that YAML knows; `unreadable` where a fault says why. */
  readonly value: unknown;
}

/** Stands for a value that could not be read, which has its own fault. */
export const unreadable = Symbol("unreadable");

/** The value as plain data. Maps have no prototype, so that no key is special. */
export function plainOf(node: YamlNode): unknown {
  switch (node.kind) {
    case "map": {
      const plain: Record<string, unknown> = Object.create(null);
      for (const { key, node: value } of node.entries.values()) plain[key] = plainOf(value);
      return plain;
    }
    case "list":
      return node.items.map(plainOf);
    case "scalar":
      return node.value;
  }
}

/** The value of a key, if the node is a map that has it. */
export function childOf(node: YamlNode | undefined, key: string): YamlNode | undefined {
  return node?.kind === "map" ? node.entries.get(key)?.node : undefined;
}

export function entriesOf(node: YamlNode | undefined): readonly YamlEntry[] {
  return node?.kind === "map" ? [...node.entries.values()] : [];
}

export function itemsOf(node: YamlNode | undefined): readonly YamlNode[] {
  return node?.kind === "list" ? node.items : [];
}

export function textOf(node: YamlNode | undefined): string | undefined {
  return node?.kind === "scalar" && typeof node.value === "string" ? node.value : undefined;
}

export function numberOf(node: YamlNode | undefined): number | undefined {
  return node?.kind === "scalar" && typeof node.value === "number" ? node.value : undefined;
}

/** A value in words, for messages. */
export function describeNode(node: YamlNode): string {
  switch (node.kind) {
    case "map":
      return node.entries.size === 0 ? "an empty map" : "a map";
    case "list":
      return node.items.length === 0 ? "an empty list" : "a list";
    case "scalar":
      return describeScalar(node.value);
  }
}

function describeScalar(value: unknown): string {
  if (value === null) return "empty";
  if (typeof value === "string") return excerpt(JSON.stringify(value));
  if (typeof value === "number" || typeof value === "bigint") return `the number ${excerpt(`${value}`)}`;
  return typeof value === "boolean" ? `${value}` : "a value with a tag";
}

/** The whole of a file may be one text. */
function excerpt(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
