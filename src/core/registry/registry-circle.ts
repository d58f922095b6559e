import type { Diagnostic } from "../common/diagnostic.ts";
import { assembleGraph, findCycles, orderNodes } from "../common/graph.ts";
import { type ReleaseClass, releaseClasses } from "../common/release.ts";
import { anyRelease, type Member, type NamespaceEntry, type Waves } from "./registry.ts";

/**
 * The fault of an entry whose classes and sequence together want a release before itself: `support` comes before
 * `mediawiki`, each in its waves, and `sequence` may want the contrary. Undefined where the order can be kept.
 *
 * What rules decide is not known here, as they need the chart: a release that only `sequence` names has a class
 * here only if a `*` gives it one. No release may stand in two classes.
 */
export function orderFault(entry: NamespaceEntry): Diagnostic | undefined {
  const chains = chainsOf(entry);
  const circle = findCircle(chains);
  return circle && circleFault(entry.namespace, joinPrecedences(circle));
}

/** A release where it stands in a list. */
interface Standing {
  readonly name: string;
  readonly list: ReleaseClass | "sequence";
  readonly member: Member;
}

/** Waves, each of which waits for the one before it. No release stands in it twice. */
interface Chain {
  readonly waves: readonly (readonly Standing[])[];
  readonly standings: ReadonlyMap<string, Standing>;
}

/** One release before another, because of the chain that both stand in. */
interface Precedence {
  readonly chain: Chain;
  readonly before: Standing;
  readonly after: Standing;
}

/** The waves that wait for one another: support and then mediawiki, other by itself, and the sequence. */
function chainsOf({ classes, sequence = [] }: NamespaceEntry): readonly Chain[] {
  const members = releaseClasses.flatMap((name) => classes[name]?.flat() ?? []);
  const star = members.find(({ release }) => release === anyRelease);
  const named = new Set(members.map(({ release }) => release));
  const covered = sequence.flat().filter(({ release }) => !named.has(release));
  const wavesOf = (list: ReleaseClass, waves: Waves = []): Chain["waves"] =>
    waves.map((wave) =>
      wave.flatMap((member) => {
        const names = member === star ? covered.map(({ release }) => release) : [member.release];
        return names.map((name) => ({ name, list, member }));
      }),
    );
  const ordered = sequence.map((wave) =>
    wave.map((member): Standing => ({ name: member.release, list: "sequence", member })),
  );
  return [
    [...wavesOf("support", classes.support), ...wavesOf("mediawiki", classes.mediawiki)],
    wavesOf("other", classes.other),
    ordered,
  ].map(chainOf);
}

/** Leaves out the second standing of a name, which is a fault of its own, and the waves that are then empty. */
function chainOf(waves: Chain["waves"]): Chain {
  const standings = new Map<string, Standing>();
  const once = waves.map((wave) =>
    wave.filter((standing) => {
      const isNew = !standings.has(standing.name);
      if (isNew) standings.set(standing.name, standing);
      return isNew;
    }),
  );
  return { waves: once.filter((wave) => wave.length > 0), standings };
}

/**
 * Between two waves stands a barrier that waits for the one and holds the other: so the edges are as many as the
 * releases, not as their pairs. Releases and barriers are numbers here; releases come first.
 */
function findCircle(chains: readonly Chain[]): readonly Precedence[] | undefined {
  const names = [...new Set(chains.flatMap(({ standings }) => [...standings.keys()]))];
  const numbers = new Map(names.map((name, number) => [name, number]));
  const next: number[][] = names.map(() => []);
  const chainOfBarrier = new Map<number, Chain>();
  for (const chain of chains) {
    let barrier: number | undefined;
    for (const wave of chain.waves) {
      const members = wave.map(({ name }) => numbers.get(name) ?? 0);
      if (barrier !== undefined) next[barrier]?.push(...members);
      barrier = next.push([]) - 1;
      chainOfBarrier.set(barrier, chain);
      for (const member of members) next[member]?.push(barrier);
    }
  }
  const edges = next.flatMap((behind, first) => behind.map((second) => ({ first, second })));
  const graph = assembleGraph(next.length, edges);
  const [cycle] = findCycles(
    graph,
    orderNodes(graph, () => 0),
  );
  // One fault is enough; the shortest circle through one of its releases says it best.
  const circle = cycle && wayBack(next, cycle.at(-1) ?? 0);
  const start = circle?.findIndex((number) => number < names.length) ?? 0;
  return (
    circle && precedencesOf([...circle.slice(start), ...circle.slice(0, start)], { names, chainOfBarrier })
  );
}

/** Releases and barriers alternate on a circle, beginning with a release. */
function precedencesOf(
  circle: readonly number[],
  of: { readonly names: readonly string[]; readonly chainOfBarrier: ReadonlyMap<number, Chain> },
): readonly Precedence[] {
  const precedences: Precedence[] = [];
  for (let at = 0; at < circle.length; at += 2) {
    const chain = of.chainOfBarrier.get(circle[at + 1] ?? -1);
    const before = chain?.standings.get(of.names[circle[at] ?? -1] ?? "");
    const after = chain?.standings.get(of.names[circle[(at + 2) % circle.length] ?? -1] ?? "");
    if (chain && before && after) precedences.push({ chain, before, after });
  }
  return precedences;
}

/** The shortest way from a node back to itself. */
function wayBack(next: readonly (readonly number[])[], start: number): readonly number[] | undefined {
  const cameFrom = new Map<number, number>();
  const queue = [start];
  for (const from of queue) {
    for (const to of next[from] ?? []) {
      if (to === start) {
        const way = [from];
        for (let at = from; at !== start; way.push(at)) at = cameFrom.get(at) ?? start;
        return way.reverse();
      }
      if (!cameFrom.has(to)) queue.push(to);
      if (!cameFrom.has(to)) cameFrom.set(to, from);
    }
  }
  return undefined;
}

/** Joins precedences that one chain makes in a row, and begins with what the sequence asks for. */
function joinPrecedences(precedences: readonly Precedence[]): readonly Precedence[] {
  // Two classes have no release in common, so that every circle passes through the sequence.
  const start = precedences.findIndex(
    ({ before }, at) => before.list === "sequence" && precedences.at(at - 1)?.before.list !== "sequence",
  );
  const joined: Precedence[] = [];
  for (const precedence of [...precedences.slice(start), ...precedences.slice(0, start)]) {
    const last = joined.at(-1);
    if (last?.chain === precedence.chain) joined.splice(-1, 1, { ...last, after: precedence.after });
    else joined.push(precedence);
  }
  return joined;
}

function circleFault(namespace: string, precedences: readonly Precedence[]): Diagnostic | undefined {
  const [first] = precedences;
  if (!first) return undefined;
  const names = [...precedences.map(({ before }) => before.name), first.before.name];
  const related = precedences.flatMap(({ before, after }) => [
    { message: `${JSON.stringify(before.name)} comes first in ${before.list}`, place: before.member.place },
    { message: afterText(before, after), place: after.member.place },
  ]);
  return {
    severity: "error",
    code: "circular-order",
    message: `nobody can keep the order of namespace ${JSON.stringify(namespace)}: ${names.join(" before ")}`,
    place: first.before.member.place,
    expected: "an order in which no release comes before itself",
    remedy: "take one of these releases out of sequence, or change the other list",
    related: related.slice(1),
  };
}

function afterText(before: Standing, after: Standing): string {
  const name = JSON.stringify(after.name);
  if (before.list === after.list) return `${name} comes after it in ${after.list}`;
  return `${name} comes after it, as it is ${after.list}`;
}
