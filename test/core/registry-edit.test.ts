import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ClassifyChange, RegistryChange } from "../../src/core/check/registry-change.ts";
import { changeRegistry } from "../../src/core/check/registry-edit.ts";
import { parseRegistry } from "../../src/core/registry/registry-parse.ts";

/** The text with one line each for what went and what came, as a diff has it; undefined where it is left alone. */
function change(
  text: string,
  wanted: RegistryChange | ((text: string) => RegistryChange),
): string | undefined {
  const changed = changeRegistry(text, typeof wanted === "function" ? wanted(text) : wanted);
  if (changed === undefined) return undefined;
  const parsed = parseRegistry({ file: "registry.yaml", text: changed });
  if (!parsed.ok) throw new Error(`${changed}\n${parsed.failure.map(({ message }) => message).join("\n")}`);
  return changed;
}

/** Where a name stands in the text, as the registry's places have it. */
function at(text: string, name: string) {
  const lines = text.split("\n");
  const line = lines.findIndex((one) => one.includes(name));
  const place = { file: "registry.yaml", line: line + 1, column: (lines[line] ?? "").indexOf(name) + 1 };
  return { name, place: { ...place, length: name.length, text: lines[line] ?? "" } };
}

const support = { kind: "classify", namespace: "shop", release: "db", class: "support" } as const;
const order: RegistryChange = {
  ...({ kind: "order", namespace: "shop", first: "db", second: "web" } as const),
  ...{ readers: ["api", "web"], providers: ["cache", "db"] },
};

describe("a release gets a class", () => {
  it.each([
    [
      "where there are no namespaces",
      "version: 1\n",
      "version: 1\n\nnamespaces:\n  shop:\n    support: [db]\n",
    ],
    ["in a text without a line end", "version: 1", "version: 1\n\nnamespaces:\n  shop:\n    support: [db]"],
    [
      "where namespaces has nothing yet",
      "version: 1\nnamespaces: # none\nlog: [say, '{message}']\n",
      "version: 1\nnamespaces: # none\n  shop:\n    support: [db]\nlog: [say, '{message}']\n",
    ],
    [
      "in a new entry, behind the last one and before what follows it",
      "version: 1\nnamespaces:\n    a: # first\n        support: [x] # why\n        # more\n\n# behind\nservices: {}\n",
      "version: 1\nnamespaces:\n    a: # first\n        support: [x] # why\n        # more\n    shop:\n      support: [db]\n\n# behind\nservices: {}\n",
    ],
    [
      "in an entry without it, before MediaWiki",
      "version: 1\nnamespaces:\n  shop:\n    # about web\n    mediawiki: [web]\n",
      "version: 1\nnamespaces:\n  shop:\n    support: [db]\n    # about web\n    mediawiki: [web]\n",
    ],
    [
      "in a new entry, where they stand in one line",
      "version: 1\nnamespaces: { tools: { other: [x] } }\n",
      "version: 1\nnamespaces: { tools: { other: [x] }, shop: { support: [db] } }\n",
    ],
    [
      "in an entry that is empty",
      "version: 1\nnamespaces:\n  shop: # later\n  tools:\n    other: [x]\n",
      "version: 1\nnamespaces:\n  shop: # later\n    support: [db]\n  tools:\n    other: [x]\n",
    ],
    [
      "at the end of a list",
      "version: 1\nnamespaces:\n  shop:\n    support: [ a, b ] # both\n",
      "version: 1\nnamespaces:\n  shop:\n    support: [ a, b, db ] # both\n",
    ],
    [
      "in an empty list",
      "version: 1\nnamespaces: { shop: { support: [] } }\n",
      "version: 1\nnamespaces: { shop: { support: [db] } }\n",
    ],
    [
      "in maps that are written on one line",
      "version: 1\nnamespaces: { a: { support: [x] }, shop: { mediawiki: [web] } } # all\n",
      "version: 1\nnamespaces: { a: { support: [x] }, shop: { support: [db], mediawiki: [web] } } # all\n",
    ],
    [
      "in a list of lines, behind its last comment",
      "version: 1\nnamespaces:\n  shop:\n    support:\n      - a # first\n      - [b, c]   # side by side\n    # about web\n    mediawiki: [web]\n",
      "version: 1\nnamespaces:\n  shop:\n    support:\n      - a # first\n      - [b, c]   # side by side\n      - db\n    # about web\n    mediawiki: [web]\n",
    ],
    [
      "and loses the one that it has",
      "version: 1\nnamespaces:\n  shop:\n    other: [x, db, y] # all\n    support: [a]\n",
      "version: 1\nnamespaces:\n  shop:\n    other: [x, y] # all\n    support: [a, db]\n",
    ],
    [
      "and its list goes where it was the only one",
      "version: 1\nnamespaces:\n  shop:\n    support: [a]\n    other:\n      - { release: db, environments: [north] }\n",
      "version: 1\nnamespaces:\n  shop:\n    support: [a, db]\n",
    ],
    [
      "and loses the one that it has behind others",
      "version: 1\nnamespaces:\n  shop:\n    other: [{ release: x, environments: [north] }, y, db] # all\n",
      "version: 1\nnamespaces:\n  shop:\n    support: [db]\n    other: [{ release: x, environments: [north] }, y] # all\n",
    ],
    [
      "and loses the one that it has before others",
      "version: 1\nnamespaces:\n  shop: { other: [[db, x], y] }\n",
      "version: 1\nnamespaces:\n  shop: { support: [db], other: [[x], y] }\n",
    ],
    [
      "and its list goes from a map that is written on one line",
      "version: 1\nnamespaces:\n  shop: { mediawiki: [web], other: [db] } # ours\n",
      "version: 1\nnamespaces:\n  shop: { support: [db], mediawiki: [web] } # ours\n",
    ],
    [
      "beside a star that stood for it",
      'version: 1\nnamespaces:\n  shop:\n    mediawiki: "*"\n',
      'version: 1\nnamespaces:\n  shop:\n    support: [db]\n    mediawiki: "*"\n',
    ],
    [
      "in a text of another system, behind a byte order mark",
      "\uFEFFversion: 1\r\nnamespaces:\r\n  shop:\r\n    mediawiki: [web]\r\n",
      "\uFEFFversion: 1\r\nnamespaces:\r\n  shop:\r\n    support: [db]\r\n    mediawiki: [web]\r\n",
    ],
  ])("%s", (_, text, expected) => {
    expect(change(text, support)).toBe(expected);
  });

  it("before one that needs it, and in some environments only", () => {
    const text =
      "version: 1\nnamespaces:\n  shop:\n    support:\n      # about web\n      - web\n      - api\n";
    expect(change(text, { ...support, before: "api", environments: ["north"] })).toBe(
      "version: 1\nnamespaces:\n  shop:\n    support:\n      # about web\n      - web\n      - { release: db, environments: [north] }\n      - api\n",
    );
  });

  it("whatever its name looks like", () => {
    const text = "version: 1\nnamespaces:\n  shop: { support: [a] }\n";
    expect(change(text, { ...support, release: "1" })).toContain('support: [a, "1"]');
    expect(change(text, { ...support, namespace: "123" })).toContain('\n  "123":\n    support: [db]\n');
  });
});

describe("an order", () => {
  it.each([
    ["is new", "other: [x]", "other: [x]\n    sequence: [db, web]"],
    ["gets what comes first", "sequence: [a, web]", "sequence: [a, db, web]"],
    ["gets what comes first before all that need it", "sequence: [api, web]", "sequence: [db, api, web]"],
    ["gets it before the wave that it is for", "sequence: [a, [api, web]]", "sequence: [a, db, [api, web]]"],
    ["gets what comes behind", "sequence: [db, api]", "sequence: [db, web, api]"],
    ["gets what comes behind all that it needs", "sequence: [db, cache]", "sequence: [db, cache, web]"],
    ["gets both", "sequence: [a]", "sequence: [a, db, web]"],
  ])("%s", (_, entry, expected) => {
    const text = (lines: string) => `version: 1\nnamespaces:\n  shop:\n    ${lines}\n`;
    expect(change(text(entry), order)).toBe(text(expected));
  });

  it("that is written is nobody's to turn round", () => {
    expect(change("version: 1\nnamespaces:\n  shop:\n    sequence: [web, db]\n", order)).toBeUndefined();
    expect(change("version: 1\nnamespaces:\n  shop:\n    sequence: [[web, db]]\n", order)).toBeUndefined();
  });
});

describe("what a release provides", () => {
  const provide = { kind: "provide", key: "db", provides: ["service/db", "service/replica"] } as const;
  it.each([
    ["in a new list", "", "\nservices:\n  db: { provides: [service/db, service/replica] }\n"],
    [
      "in a list that is empty",
      "services: {}\n",
      "services: { db: { provides: [service/db, service/replica] } }\n",
    ],
    [
      "behind others",
      "services:\n  a: { provides: [service/a] } # a\n",
      "services:\n  a: { provides: [service/a] } # a\n  db: { provides: [service/db, service/replica] }\n",
    ],
    [
      "in its own list",
      "services:\n  db:\n    provides:\n      - service/db # old\n",
      "services:\n  db:\n    provides:\n      - service/db # old\n      - service/replica\n",
    ],
  ])("is added %s", (_, text, expected) => {
    expect(change(`version: 1\n${text}`, provide)).toBe(`version: 1\n${expected}`);
  });
});

describe("a release is required in some environments only", () => {
  it.each([
    ["[a, db] # both", "[a, { release: db, environments: [north, south] }] # both"],
    ["[{ release: db }]", "[{ release: db, environments: [north, south] }]"],
    ["[{ environments: [west], release: db }]", "[{ environments: [north, south], release: db }]"],
    ["\n      - db # it", "\n      - { release: db, environments: [north, south] } # it"],
  ])("in support: %s", (list, expected) => {
    const text = (support: string) => `version: 1\nnamespaces:\n  shop:\n    support: ${support}\n`;
    const { place } = at(text(list), "db");
    expect(change(text(list), { kind: "limit", place, environments: ["north", "south"] })).toBe(
      text(expected),
    );
  });
});

describe("a name", () => {
  it("is spelled otherwise, and nothing else is touched", () => {
    const text = 'version: 1\nnamespaces:\n  shpo: # our "shpo"\n    support: ["promtheus", x]\n';
    expect(change(text, (now) => ({ kind: "rename", ...at(now, "shpo"), to: "shop" }))).toBe(
      'version: 1\nnamespaces:\n  shop: # our "shpo"\n    support: ["promtheus", x]\n',
    );
    const { place } = at(text, '"promtheus"');
    expect(change(text, { kind: "rename", name: "promtheus", place, to: "prometheus" })).toContain(
      "[prometheus, x]",
    );
  });

  it("goes with what belongs to it", () => {
    const text =
      "version: 1\nnamespaces:\n  # about a\n  a:\n    # in a\n    support: [x]\n    other:\n      - y\n  b:\n    support: [z]\nservices:\n  x: { provides: [service/x] }\n";
    expect(change(text, (now) => ({ kind: "remove", ...at(now, "a:"), name: "a" }))).toBe(
      "version: 1\nnamespaces:\n  # about a\n  b:\n    support: [z]\nservices:\n  x: { provides: [service/x] }\n",
    );
    expect(change(text, (now) => ({ kind: "remove", ...at(now, "y") }))).not.toMatch(/other|- y/);
  });

  it("that stands there no more is left alone", () => {
    const text = "version: 1\nnamespaces:\n  shop:\n    support: [a]\n";
    const { place } = at(text, "a]");
    expect(change(text, { kind: "remove", name: "b", place })).toBeUndefined();
    expect(change(text, { kind: "rename", name: "b", place, to: "c" })).toBeUndefined();
  });

  it("of a rule goes with the rule, in either spelling", () => {
    const rules =
      "rules:\n  - match: { chart: a }\n    class: other\n  - { match: { chart: b }, class: other } # b\n";
    const text = `version: 1\n${rules}`;
    const rule = (start: string) => ({ kind: "remove-rule", place: at(text, start).place }) as const;
    expect(change(text, rule("match: { chart: a"))).toBe(
      "version: 1\nrules:\n  - { match: { chart: b }, class: other } # b\n",
    );
    expect(change(text, rule("{ match"))).toBe(
      "version: 1\nrules:\n  - match: { chart: a }\n    class: other\n",
    );
  });
});

describe("what is written with an alias, an anchor or a tag", () => {
  it.each([
    "version: 1\nnamespaces:\n  a: &a\n    support: [x]\n  shop: *a\n",
    "version: 1\nnamespaces:\n  a:\n    support: &list [x]\n  shop:\n    support: *list\n",
    "version: 1\nnamespaces:\n  a:\n    support: [&x x]\n  shop:\n    support: [*x]\n",
    "version: 1\nnamespaces:\n  a:\n    other: &list [x]\n  shop:\n    other: *list\n",
    "version: 1\nnamespaces:\n  shop:\n    support: [!!str x]\n",
  ])("is left alone: %j", (text) => {
    expect(change(text, support)).toBeUndefined();
  });
});

describe("any change of any registry", () => {
  const names = fc.constantFrom("a", "b", "db", "web", "1", "x.y");
  const comment = fc.constantFrom("", " # why", " # [a, b]", " # 'it'");
  const member = fc.oneof(
    names,
    names.map((name) => `{ release: ${name === "1" ? '"1"' : name}, environments: [e] }`),
  );
  const item = fc.oneof(
    member,
    fc.array(member, { minLength: 1, maxLength: 2 }).map((wave) => `[${wave.join(", ")}]`),
  );
  const list = fc.oneof(
    fc.array(item, { maxLength: 4 }).map((items) => ` [${items.join(", ")}]`),
    fc
      .array(fc.tuple(item, comment), { minLength: 1, maxLength: 4 })
      .map((items) => items.map(([one, why]) => `\n      # before\n      - ${one}${why}`).join("")),
  );
  const entry = fc
    .uniqueArray(fc.tuple(fc.constantFrom("support", "mediawiki", "other", "sequence"), list, comment), {
      selector: ([key]) => key,
      maxLength: 4,
    })
    .map((lists) =>
      lists
        .map(
          ([key, items, why]) => `\n    # of ${key}\n    ${key}:${items}${items.startsWith("\n") ? "" : why}`,
        )
        .join(""),
    );
  const text = fc
    .uniqueArray(fc.tuple(fc.constantFrom("shop", "tools", "mw"), comment, entry), {
      selector: ([name]) => name,
      maxLength: 3,
    })
    .map((entries) => entries.map(([name, why, lists]) => `  ${name}:${why}${lists}\n`).join(""))
    .map((entries) => `# top\nversion: 1\n${entries === "" ? "" : `namespaces:\n${entries}`}# end\n`);
  const changes: fc.Arbitrary<RegistryChange> = fc.oneof(
    fc
      .record({
        release: names,
        class: fc.constantFrom("support" as const, "mediawiki" as const, "other" as const),
      })
      .map((one) => ({ kind: "classify", namespace: "shop", ...one }) as const),
    fc.tuple(names, names).map(
      ([first, second]) =>
        ({
          kind: "order",
          namespace: "shop",
          first,
          second,
          readers: [second],
          providers: [first],
        }) as const,
    ),
    names.map((key) => ({ kind: "provide", key, provides: ["service/s"] }) as const),
  );

  it("keeps every comment that does not stand in what goes, and all other namespaces", () => {
    const read = (source: string) => parseRegistry({ file: "", text: source });
    const others = (source: string) => {
      const parsed = read(source);
      if (!parsed.ok) return undefined;
      return [...parsed.value.namespaces.values()]
        .filter(({ namespace }) => namespace !== "shop")
        .map(({ namespace, classes, sequence }) => [
          namespace,
          Object.entries(classes).map(([key, waves]) => [
            key,
            waves.map((wave) => wave.map(({ release }) => release)),
          ]),
          sequence?.map((wave) => wave.map(({ release }) => release)),
        ]);
    };
    fc.assert(
      fc.property(text, changes, (source, wanted) => {
        const changed = changeRegistry(source, wanted);
        if (changed === undefined || !read(source).ok || !read(changed).ok) return;
        expect(others(changed)).toEqual(others(source));
        if (wanted.kind !== "classify") {
          const comments = (one: string) => one.match(/#.*/g);
          expect(comments(changed)).toEqual(comments(source));
        }
        if (wanted.kind === "classify") {
          const parsed = read(changed);
          const classes = parsed.ok ? parsed.value.namespaces.get("shop")?.classes : undefined;
          expect(classes?.[wanted.class]?.flat().map(({ release }) => release)).toContain(wanted.release);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe("comments stay with what they are about", () => {
  const list = "version: 1\nnamespaces:\n  shop:\n    support:\n      - a\n";
  const windows = (text: string) => text.replaceAll("\n", "\r\n");

  it.each<[string, string, Partial<ClassifyChange>, string | undefined]>([
    [
      "above an item that another one is put before",
      `${list}      # why\n      # and why not\n      - web\n`,
      { before: "web" },
      `${list}      - db\n      # why\n      # and why not\n      - web\n`,
    ],
    [
      "below a list that another one is put behind",
      `${list}      # - b\n    other: [x]\n`,
      { class: "mediawiki" },
      `${list}      # - b\n    mediawiki: [db]\n    other: [x]\n`,
    ],
    [
      "above everything, however far it is indented, in a text without a line end",
      `        # all\n${list.trimEnd()}`,
      {},
      `        # all\n${list}      - db`,
    ],
    [
      "below the last entry, where lines end as elsewhere",
      windows(`${list}      # - b\n# end\n`),
      { namespace: "tools" },
      windows(`${list}      # - b\n  tools:\n    support: [db]\n# end\n`),
    ],
    [
      "in a list that is empty: it is left alone",
      "version: 1\nnamespaces:\n  shop:\n    support: [ # none\n    ]\n",
      {},
      undefined,
    ],
    ["in a map that is empty: it is left alone", "version: 1\nnamespaces: { # none\n  }\n", {}, undefined],
  ])("%s", (_, text, wanted, expected) => {
    expect(change(text, { ...support, ...wanted })).toBe(expected);
  });
});

describe("a name goes", () => {
  it("and not the line behind it, where it is written over several", () => {
    const text =
      "version: 1\nnamespaces:\n  shop:\n    support:\n      - >-\n        gone\n      - next\n    other: [x]\n";
    const { place } = at(text, ">-");
    expect(change(text, { kind: "remove", name: "gone", place })).toBe(
      "version: 1\nnamespaces:\n  shop:\n    support:\n      - next\n    other: [x]\n",
    );
  });

  it.each([
    ["a", "{ b: { support: [y] }, c: { support: [z] } }"],
    ["b", "{ a: { support: [x] }, c: { support: [z] } }"],
    ["c", "{ a: { support: [x] }, b: { support: [y] } }"],
  ])("from a map that is written on one line, with its comma: %s", (name, left) => {
    const text =
      "version: 1\nnamespaces: { a: { support: [x] }, b: { support: [y] }, c: { support: [z] } }\n";
    expect(change(text, { kind: "remove", ...at(text, `${name}:`), name })).toBe(
      `version: 1\nnamespaces: ${left}\n`,
    );
  });

  it.each([
    ["from a list that another one is, too", "support: &all [x, gone]\n    mediawiki: *all"],
    ["from a map that another one is, too", "support: [x]\n  tools: &all\n    gone: [y]\n  other: *all"],
    ["with a comment that may be about another one", "support: [\n      x, # why\n      gone]"],
  ])("never %s", (_, lists) => {
    const text = `version: 1\nnamespaces:\n  shop:\n    ${lists}\n`;
    expect(change(text, { kind: "remove", ...at(text, "gone") })).toBeUndefined();
  });

  it("never with the dash of what has other keys", () => {
    const text = "version: 1\nstages:\n  - releases: [gone/x]\n    class: support\n    name: first\n";
    expect(changeRegistry(text, { kind: "remove", ...at(text, "gone/x") })).toBeUndefined();
  });
});

it("a name is quoted that other readers of YAML would take for something else", () => {
  const text = "version: 1\nnamespaces:\n  shop:\n    support: [a]\n";
  expect(change(text, { ...support, release: "on", environments: ["no"] })).toContain(
    '[a, { release: "on", environments: ["no"] }]',
  );
});
