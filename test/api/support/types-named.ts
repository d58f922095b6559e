import { visitorKeys } from "oxc-parser";

/** Names of types and values that a declaration mentions: the first part of each (`z` of `z.infer<typeof x>`, and `x`). */
export function typesNamedIn(node: object): ReadonlySet<string> {
  const names = new Set<string>();
  collect(node, names);
  return names;
}

const mentioning: Readonly<Record<string, string>> = {
  TSTypeReference: "typeName",
  TSTypeQuery: "exprName",
  TSInterfaceHeritage: "expression",
  TSClassImplements: "expression",
  ClassDeclaration: "superClass",
};

function collect(node: object, names: Set<string>): void {
  const type = textOf(node, "type");
  const key = mentioning[type];
  const mentioned = key === undefined ? undefined : childOf(node, key);
  if (mentioned) names.add(firstName(mentioned));
  // A unique symbol as a key: `readonly [brand]: …`.
  if (fieldOf(node, "computed") === true) {
    const computed = childOf(node, "key");
    if (computed) names.add(firstName(computed));
  }
  for (const child of visitorKeys[type] ?? []) {
    const value = fieldOf(node, child);
    for (const item of Array.isArray(value) ? value : [value]) {
      if (typeof item === "object" && item !== null) collect(item, names);
    }
  }
}

function firstName(node: object): string {
  const inner = childOf(node, "left") ?? childOf(node, "object");
  return inner ? firstName(inner) : textOf(node, "name");
}

function fieldOf(node: object, key: string): unknown {
  return Object.entries(node).find(([name]) => name === key)?.[1];
}

function childOf(node: object, key: string): object | undefined {
  const value = fieldOf(node, key);
  return typeof value === "object" && value !== null ? value : undefined;
}

function textOf(node: object, key: string): string {
  const value = fieldOf(node, key);
  return typeof value === "string" ? value : "";
}
