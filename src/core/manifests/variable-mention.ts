import { serviceVariableKind } from "./service-variable.ts";

/** A variable of a Service that a text mentions. */
export interface VariableMention {
  readonly variable: string;
  /** Only with a default for where it is not set. */
  readonly hasDefault: boolean;
}

/** A mention, where in its text it stands, and how sure it is that it is one. */
export interface PlacedMention extends VariableMention {
  /** Lines from the begin of the text on, counted from 0. */
  readonly line: number;
  /** That line. */
  readonly lineText: string;
  readonly kind: "certain" | "possible";
}

/** The variables of Services that texts mention, comments left out. The API server's own are always there. */
export function mentionsIn(texts: readonly string[]): VariableMention[] {
  const found = new Map<string, boolean>();
  for (const { variable, hasDefault, kind } of texts.flatMap(placedMentionsIn)) {
    // One without a default is enough to need it.
    if (kind === "certain") found.set(variable, hasDefault && found.get(variable) !== false);
  }
  return [...found].map(([variable, hasDefault]) => ({ variable, hasDefault }));
}

/** Every mention of a variable that comes from a Service, or may. What the text itself sets before has a default in it. */
export function placedMentionsIn(text: string): PlacedMention[] {
  if (!mayMention(text)) return [];
  const set = new Set<string>();
  return text.split("\n").flatMap((line, number) => {
    if (!mayMention(line) || comment.test(line)) return [];
    const found = [...line.replace(assignment, "").replaceAll(key, "").matchAll(word)].flatMap(
      ([, open, variable = "", operator]): PlacedMention[] => {
        const kind = serviceVariableKind(variable);
        const hasDefault = (open !== undefined && operator !== undefined) || set.has(variable);
        if (open !== undefined && operator?.endsWith("=") === true) set.add(variable);
        return kind ? [{ variable, hasDefault, line: number, lineText: line, kind }] : [];
      },
    );
    const assigned = shellAssignment.exec(line)?.[1];
    if (assigned !== undefined) set.add(assigned);
    return found;
  });
}

/** The variables that php-fpm sets for PHP by a line of its own (`env['FOO'] = bar`), whatever the container has. */
export function variablesSetIn(text: string): string[] {
  if (!mayMention(text)) return [];
  return text.split("\n").flatMap((line) => {
    const [, name, value = ""] = phpAssignment.exec(line) ?? [];
    return name === undefined || value.includes(name) ? [] : [name];
  });
}

/** Whether it is worth to look closer: nearly no text mentions any. */
export function mayMention(text: string): boolean {
  return text.includes("_SERVICE_") || text.includes("_PORT");
}

const comment = /^\s*(?:#|;|\/\/)/;

/** What a line sets it does not read: `env['FOO'] = …` of php-fpm, `FOO=…` of a shell. */
const assignment = /^\s*(?:env\[\s*["']?\w+["']?\s*\]\s*|(?:export\s+)?[A-Z_][A-Z0-9_]*)=(?!=)/;
const shellAssignment = /^\s*(?:export\s+)?([A-Z_][A-Z0-9_]*)=(?!=)/;

/** The key of a setting in YAML or JSON: `FOO_SERVICE_PORT: 80`, `{"FOO_SERVICE_PORT": 80}`. */
const key = /(?:^\s*(?:- )?|(["']))[A-Z][A-Z0-9_]*\1\s*:(?=\s|$)/g;
const phpAssignment = /^\s*env\[\s*["']?(\w+)["']?\s*\]\s*=\s*(.*)$/;

/** Within `${…}`, the shell takes another value by `:-`, `-`, `:=`, `=`, `:+` and `+`, and php-fpm's files by `:-`. */
const word = /(\$\{)?\b([A-Z][A-Z0-9_]*)\b(:?[-=+])?/g;
