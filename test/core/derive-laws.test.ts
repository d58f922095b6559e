import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type CreateNodeOptions, parse, parseAllDocuments, stringify, type ToStringOptions } from "yaml";
import { deriveDependencies } from "../../src/core/manifests/derive.ts";
import type { DerivedEvidence, RenderedRelease } from "../../src/core/manifests/derived.ts";
import { readRenderedObjects } from "../../src/core/manifests/rendered-objects.ts";
import { runs } from "../support/runs.ts";

const folder = fileURLToPath(new URL("../../fixtures/manifests", import.meta.url));

/** What helm rendered of each release, by id. */
const rendered = Object.entries(textsById()).map(([id, text]) => ({ id, text }));

function textsById(): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const id = file
      .slice(folder.length + 1)
      .split("/", 2)
      .join("/");
    texts[id] = `${texts[id] ?? ""}${readFileSync(file, "utf8")}`;
  }
  return texts;
}

function read(id: string, text: string): RenderedRelease {
  const { objects, faults } = readRenderedObjects({ file: `${id}.yaml`, text });
  expect(faults).toEqual([]);
  return { id, objects };
}

/** Without what the formatting decides: the lines. */
function essence(releases: readonly RenderedRelease[]) {
  const { edges, unprovided, notMade, faults } = deriveDependencies(releases);
  const bare = ({ line: _line, text: _text, file: _file, ...evidence }: DerivedEvidence) => evidence;
  return {
    edges: edges.map((edge) => ({ ...edge, evidence: edge.evidence.map(bare) })),
    unprovided: unprovided.map((one) => ({ ...one, evidence: one.evidence.map(bare) })),
    notMade: notMade.map((one) => ({ ...one, evidence: one.evidence.map(bare) })),
    faults: faults.map(({ code, message }) => ({ code, message })),
  };
}

const expected = essence(rendered.map(({ id, text }) => read(id, text)));

interface Formatting {
  readonly order: readonly number[];
  readonly style: CreateNodeOptions & ToStringOptions;
  readonly comment: string;
}

const formatting: fc.Arbitrary<Formatting> = fc.record({
  order: fc.array(fc.nat(), { minLength: 20, maxLength: 20 }),
  style: fc.record({
    collectionStyle: fc.constantFrom(...(["any", "block", "flow"] as const)),
    defaultStringType: fc.constantFrom(
      ...(["PLAIN", "QUOTE_DOUBLE", "QUOTE_SINGLE", "BLOCK_LITERAL", "BLOCK_FOLDED"] as const),
    ),
    indent: fc.constantFrom(2, 4),
    indentSeq: fc.boolean(),
    lineWidth: fc.constantFrom(0, 40, 80),
  }),
  comment: fc.constantFrom("", "# $(NOWHERE_SERVICE_HOST) statsd-exporter-prometheus.mw-web.svc\n"),
});

/** The same objects, written in another way and in another order. */
function rewrite(text: string, { order, style, comment }: Formatting): string {
  const documents = parseAllDocuments(text).map((document): unknown => document.toJS());
  return shuffled(documents, order)
    .map((document) => `---\n${comment}${written(shuffledKeys(document, order), style)}`)
    .join("");
}

/** Of what the library folds in quotes it loses some, so that it has to be asked what it wrote. */
function written(value: unknown, style: Formatting["style"]): string {
  const text = stringify(value, style);
  return isDeepStrictEqual(parse(text), value) ? text : stringify(value, { ...style, lineWidth: 0 });
}

function shuffledKeys(value: unknown, order: readonly number[]): unknown {
  if (Array.isArray(value)) return value.map((item) => shuffledKeys(item, order));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, child]) => [key, shuffledKeys(child, order)] as const);
  return Object.fromEntries(shuffled(entries, order));
}

function shuffled<Item>(items: readonly Item[], order: readonly number[]): Item[] {
  return items
    .map((item, at) => ({ item, key: order[at % order.length] ?? 0 }))
    .toSorted((one, other) => one.key - other.key)
    .map(({ item }) => item);
}

test("the fixtures have something of everything, so that the laws below are about something", () => {
  expect(new Set(expected.edges.map(({ kind }) => kind)).size).toBe(6);
  expect(expected.unprovided.length * expected.notMade.length * expected.faults.length).toBeGreaterThan(0);
});

test("dependencies are the same whatever the order and the formatting of the manifests is", () => {
  fc.assert(
    fc.property(formatting, (how) => {
      const rewritten = rendered.map(({ id, text }) => read(id, rewrite(text, how)));
      expect(essence(shuffled(rewritten, how.order))).toEqual(expected);
    }),
    { numRuns: runs(40) },
  );
});

test("no text makes it crash, and what is sound in it is read", () => {
  const sound = "---\nkind: Service\nmetadata:\n  name: sound\n";
  const piece = fc.oneof(
    fc.constantFrom(...rendered.flatMap(({ text }) => text.split("\n"))),
    fc.constantFrom(
      "---",
      "...",
      "%YAML 1.1",
      "&a",
      "*a",
      "<<: *a",
      "{",
      "}",
      "[",
      "|",
      ">",
      "- ",
      "\t",
      "\0",
      "\u2028",
    ),
    fc.constantFrom(
      "containers: [{ name: x }]",
      "items: [1]",
      "metadata: []",
      "data: x",
      "kind: List",
      "spec: *a",
    ),
    fc.string({ maxLength: 10, unit: "binary" }),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat({ max: 8 }), piece), { maxLength: 30 }), (pieces) => {
      const text = pieces.map(([indent, line]) => `${" ".repeat(indent)}${line}\n`).join("");
      const { objects } = readRenderedObjects({ file: "f.yaml", text: `${text}\n${sound}` });
      expect(objects.map(({ name }) => name)).toContain("sound");
      deriveDependencies([{ id: "n/a", objects }]);
    }),
    { numRuns: runs(800) },
  );
});

/** What stands in places where it has no business to be. */
const odd = fc.oneof(
  fc.constantFrom<unknown>(null, "", 0, -1.5, true, [], {}, [null], { name: null }, "x", "a.mw-web.svc"),
  fc.constantFrom<unknown>("$(STATSD_EXPORTER_PROMETHEUS_SERVICE_HOST)", { name: "tools" }, [{ name: 1 }]),
);

/** The same value with something odd in one of its places. */
function disturbed(value: unknown, path: readonly number[], by: unknown): unknown {
  const [at = 0, ...rest] = path;
  if (path.length === 0 || typeof value !== "object" || value === null) return by;
  const keys = Object.keys(value);
  const chosen = keys[at % Math.max(1, keys.length)];
  if (Array.isArray(value))
    return value.map((item, index) => (String(index) === chosen ? disturbed(item, rest, by) : item));
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [key, key === chosen ? disturbed(child, rest, by) : child]),
  );
}

test("whatever stands in place of a value, it does not crash, and order does not matter", () => {
  const values = rendered.map(({ id, text }) => ({
    id,
    documents: parseAllDocuments(text).map((document): unknown => document.toJS()),
  }));
  const place = fc.record({
    path: fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 9 }),
    by: odd,
  });
  fc.assert(
    fc.property(
      fc.array(place, { minLength: 1, maxLength: 8 }),
      fc.array(fc.nat(), { minLength: 20, maxLength: 20 }),
      (places, order) => {
        const texts = values.map(({ id, documents }) => ({
          id,
          documents: documents.map((one) =>
            places.reduce((value, { path, by }) => disturbed(value, path, by), one),
          ),
        }));
        const derive = (all: typeof texts) =>
          essence(
            all.map(({ id, documents }) => {
              const text = documents.map((one) => `---\n${stringify(one)}`).join("");
              return { id, objects: readRenderedObjects({ file: `${id}.yaml`, text }).objects };
            }),
          );
        const reordered = texts.map(({ id, documents }) => ({ id, documents: shuffled(documents, order) }));
        expect(derive(shuffled(reordered, order))).toEqual(derive(texts));
      },
    ),
    { numRuns: runs(40) },
  );
});

test("brackets and blocks without end are a fault, and the stack lasts", () => {
  const deep = [
    "[".repeat(20_000),
    "{a: ".repeat(20_000),
    Array.from({ length: 20_000 }, (_, at) => `${" ".repeat(at % 5_000)}a:`).join("\n"),
    `a: ${"- ".repeat(20_000)}`,
    "- ".repeat(20_000),
  ];
  for (const text of deep) {
    const { objects, faults } = readRenderedObjects({ file: "f.yaml", text });
    expect(objects).toEqual([]);
    expect(faults.length).toBeGreaterThan(0);
  }
});

test("a text that is made to be slow takes no longer than others of its length", () => {
  const pod = (text: string) =>
    `kind: Pod\nmetadata: { name: p }\nspec:\n  containers:\n    - name: c\n      args: ["${text}"]\n`;
  // What takes the square of the length takes minutes here, and the test has half of one.
  for (const text of ["A_SERVICE_PORT_", "A_PORT", "a.", "a.n", "_SERVICE_HOST$(", "$$(", "$(", "env[x]="]) {
    const { objects } = readRenderedObjects({ file: "f.yaml", text: pod(`${text.repeat(200_000)}x`) });
    const { edges } = deriveDependencies([{ id: "n/a", objects }]);
    expect(edges).toEqual([]);
  }
});
