import fc from "fast-check";
import { expect, test } from "vitest";
import { parseRegistry } from "../../src/core/registry/registry-parse.ts";
import { runs } from "../support/runs.ts";

/** How a list is written: waves of names. */
type Waves = readonly (readonly string[])[];

interface Written {
  readonly support: Waves;
  readonly mediawiki: Waves;
  readonly other: Waves;
  readonly sequence: Waves;
  readonly star?: "support" | "mediawiki" | "other";
}

const names = ["a", "b", "c", "d", "e", "f"];

const written: fc.Arbitrary<Written> = fc
  .record({
    shuffled: fc.shuffledSubarray(names, { minLength: 2 }),
    cuts: fc.tuple(fc.nat(6), fc.nat(6)),
    ordered: fc.shuffledSubarray(names, { minLength: 2 }),
    joins: fc.array(fc.boolean(), { minLength: 24, maxLength: 24 }),
    star: fc.option(fc.constantFrom("support", "mediawiki", "other"), { nil: undefined }),
  })
  .map(({ shuffled, cuts, ordered, joins, star }) => {
    const [first, second] = [...cuts].sort((one, other) => one - other);
    return {
      support: waves(shuffled.slice(0, first), joins),
      mediawiki: waves(shuffled.slice(first, second), joins.slice(6)),
      other: waves(shuffled.slice(second), joins.slice(12)),
      sequence: waves(ordered, joins.slice(18)),
      ...(star && { star }),
    };
  });

/** Each name begins a wave of its own or joins the one before it. */
function waves(list: readonly string[], joins: readonly boolean[]): Waves {
  return list.reduce<string[][]>((made, name, index) => {
    const last = made.at(-1);
    if (last && joins[index]) last.push(name);
    else made.push([name]);
    return made;
  }, []);
}

test("an entry is refused just if its lists together want a release before itself", () => {
  let refused = 0;
  fc.assert(
    fc.property(written, (entry) => {
      const parsed = parseRegistry({ file: "registry.yaml", text: textOf(entry) });
      const codes = parsed.ok ? [] : parsed.failure.map(({ code }) => code);
      refused += codes.length;
      expect(codes).toEqual(goesRound(entry) ? ["circular-order"] : []);
    }),
    { numRuns: runs(1000) },
  );
  // Else the law would hold for a parser that refuses nothing.
  expect(refused).toBeGreaterThan(runs(100));
});

test("the releases of a circle that are shown do each come before the next in some list", () => {
  fc.assert(
    fc.property(written, (entry) => {
      const parsed = parseRegistry({ file: "registry.yaml", text: textOf(entry) });
      const message = parsed.ok ? undefined : parsed.failure[0]?.message;
      const circle = message?.replace(/^.*: /, "").split(" before ") ?? [];
      const before = pairs(entry);
      for (const [index, name] of circle.slice(1).entries())
        expect(before).toContain(`${circle[index]}<${name}`);
      expect(circle[0]).toBe(circle.at(-1));
      // It begins with what the sequence asks for, and what one list asks for in a row is told once.
      const related = parsed.ok ? [] : (parsed.failure[0]?.related ?? []).map((one) => one.message);
      if (related.length > 1) {
        expect(related[0]).toMatch(/ comes after it in sequence$/);
        expect(related.at(-2)).not.toMatch(/ in sequence$/);
      }
    }),
  );
});

function textOf({ star, sequence, ...classes }: Written): string {
  const lists = Object.entries(classes).map(([name, list]) => [name, star === name ? [...list, "*"] : list]);
  return JSON.stringify({
    version: 1,
    namespaces: { "mw-web": { ...Object.fromEntries(lists), ...(sequence.length > 0 && { sequence }) } },
  });
}

/** All pairs that a list puts in order, written `a<b`. */
function pairs({ support, mediawiki, other, sequence, star }: Written): Set<string> {
  const named = [support, mediawiki, other].flat(2);
  const covered = sequence.flat().filter((name) => !named.includes(name));
  const withStar = (name: Written["star"], list: Waves) => (star === name ? [...list, covered] : list);
  const chains = [
    [...withStar("support", support), ...withStar("mediawiki", mediawiki)],
    withStar("other", other),
    sequence,
  ];
  const found = new Set<string>();
  for (const chain of chains) {
    for (const [index, wave] of chain.entries()) {
      const later = chain.slice(index + 1).flat();
      for (const name of wave) for (const after of later) found.add(`${name}<${after}`);
    }
  }
  return found;
}

/** Warshall's closure: whether any release comes before itself. */
function goesRound(entry: Written): boolean {
  const before = pairs(entry);
  for (const middle of names) {
    for (const from of names) {
      for (const to of names) {
        if (before.has(`${from}<${middle}`) && before.has(`${middle}<${to}`)) before.add(`${from}<${to}`);
      }
    }
  }
  return names.some((name) => before.has(`${name}<${name}`));
}
