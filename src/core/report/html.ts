import { plainLine } from "../common/plain-line.ts";

/** Text that is HTML already. Whatever else is put into a page is escaped. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Value = Markup | readonly Markup[] | string | number;

/**
 * HTML with values in it, as text or in quoted attributes: names and logs come from outside, and stay text. They are one
 * line each, without colours, control characters and what turns the direction of writing.
 *
 * @example
 * html`<td title="${reason}">${name}</td>`
 */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return new Markup(parts.map((part, at) => `${part}${escaped(values[at] ?? "")}`).join(""));
}

/** Lines as they stand, for a `pre`. */
export function htmlLines(lines: readonly string[]): Markup {
  return new Markup(lines.map((line) => escaped(line)).join("\n"));
}

/** JSON for a `script` of type `application/json`: nothing in it can end that, nor turn the direction of the source or steer a terminal. */
export function embeddedJson(value: unknown): Markup {
  return new Markup(JSON.stringify(value).replace(delicate, unicodeEscape));
}

function escaped(value: Value): string {
  if (value instanceof Markup) return value.text;
  if (typeof value === "string") return plainLine(value, longest).replace(/[&<>"']/g, entity);
  if (typeof value === "number") return String(value);
  return value.map(({ text }) => text).join("");
}

const delicate = /[<>&\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Longer than any command. */
const longest = 20_000;

function entity(character: string): string {
  return `&#${character.charCodeAt(0)};`;
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
