import type { Place } from "./diagnostic.ts";
import { JsonMembers } from "./json-members.ts";
import { type Span, walkJson } from "./json-walk.ts";
import { lineAt, lineStarts, type SourceText } from "./places.ts";

/** The keys and indexes that lead to a value of a JSON text. */
export type JsonPath = readonly (string | number)[];

/** Where things stand in a JSON text. Looked up only when there is a fault to show: parsing itself is `JSON.parse`'s. */
export interface JsonPlaces {
  /** Where the text stops being JSON, and what was expected there; `isEnd` where it would be JSON with more text. */
  readonly fault: { readonly expected: string; readonly place: Place; readonly isEnd: boolean } | undefined;
  /** The first key that its object has already: its path as people write it, and where it stands again. */
  readonly repeated: { readonly path: string; readonly place: Place } | undefined;
  /** The place of a value of a text that is JSON; of the nearest value around it where it is missing. */
  value(path: JsonPath): Place;
  /** The place of a key of a text that is JSON; of its value or what is around it where there is no such key. */
  key(path: JsonPath): Place;
}

/** As people write a path: `services[3].releases[0].name`. */
export function renderJsonPath(path: JsonPath): string {
  return path.reduce<string>(childPath, "");
}

function childPath(parent: string, part: string | number): string {
  if (typeof part === "number") return `${parent}[${part}]`;
  if (!/^[A-Za-z_][\w-]*$/.test(part)) return `${parent}[${JSON.stringify(part)}]`;
  return parent === "" ? part : `${parent}.${part}`;
}

/**
 * Tells where things stand in a JSON text. Nothing is kept of what lies beside the paths that are asked for: a text may
 * have more values than a map can hold.
 */
export function locateJson({ file, text }: SourceText): JsonPlaces {
  const place = placeMaker(file, text);
  const members = new JsonMembers(text);
  let walked: ReturnType<typeof walkJson> | undefined;
  const walk = () => {
    walked ??= walkJson(text);
    return walked;
  };
  return {
    get fault() {
      const { fault } = walk();
      return (
        fault && {
          expected: fault.expected,
          place: place({ start: fault.at, end: fault.at + 1 }),
          isEnd: fault.at >= text.trimEnd().length,
        }
      );
    },
    get repeated() {
      const { repeated } = walk();
      return repeated && { path: renderJsonPath(repeated.path), place: place(repeated.span) };
    },
    value: (path) => place(members.value(path)),
    key: (path) => place(members.key(path) ?? members.value(path)),
  };
}

function placeMaker(file: string, text: string): (span: Span) => Place {
  let starts: readonly number[] | undefined;
  return ({ start, end }) => {
    starts ??= lineStarts(text);
    const offset = Math.min(start, text.length);
    const index = lineAt(starts, offset);
    const from = starts[index] ?? 0;
    const line = text.slice(from, (starts[index + 1] ?? text.length + 1) - 1).replace(/\r$/, "");
    const length = Math.max(1, Math.min(end, from + line.length) - offset);
    return { file, line: index + 1, column: offset - from + 1, length, text: line };
  };
}
