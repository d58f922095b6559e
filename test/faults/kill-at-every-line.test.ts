import { rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sideBySide } from "../../src/core/common/side-by-side.ts";
import { runStateOf } from "../../src/core/journal/run-state.ts";
import { loadRun, runNames } from "../../src/io/run-files.ts";
import { drawn, everything, sampled, tellExtent } from "./support/extent.ts";
import { type Death, type Lives, makeLives, worldOf } from "./support/lives.ts";
import { failsFirst, rolloutOf150 } from "./support/rollout-of-150.ts";
import { WorldFile } from "./support/world-file.ts";

let lives: Lives;
beforeAll(async () => {
  lives = await makeLives();
});
afterAll(() => lives.remove());

/** The stage, and the command that it runs. */
const handOff = "hand-off";

const manners = ["before", "within", "after"] as const;

/** Helms that were at work come to an end without anybody to watch them, are undone, or leave their releases pending. */
function settle(world: WorldFile, ...words: readonly (string | number)[]): void {
  for (const id of world.inWork()) world.add(["end", "undo", "leave"][drawn(3, id, ...words)] ?? "leave", id);
}

/** Dies as told, one life after the other, and goes on until all is done. */
async function liveThrough(deaths: readonly Death[]): Promise<void> {
  const folder = lives.folder();
  const world = new WorldFile(worldOf(folder));
  for (const death of deaths) {
    expect(await lives.live(folder, death)).toBe("killed");
    settle(world, death.line, death.when);
  }
  expect(await lives.live(folder)).toBe(0);
  try {
    expectOnceInOrder(world.lines());
    await expectWrittenDown(folder, world);
  } catch (cause) {
    throw new Error(`killed ${JSON.stringify(deaths)}, the world saw:\n${world.lines().join("\n")}`, {
      cause,
    });
  }
  rmSync(folder, { recursive: true });
}

/** Each release was deployed once, when all that it waits for was there; the hand-off came behind the exporters. */
function expectOnceInOrder(lines: readonly string[]): void {
  const ended: string[] = [];
  const waitsFor = new Map(rolloutOf150.steps.map(({ id, after }) => [id, after]));
  const exporters = rolloutOf150.gates.flatMap((gate) => gate.steps);
  for (const line of lines) {
    const [what, id = ""] = line.split(" ");
    if (what === "end") ended.push(id);
    if (what !== "begin") continue;
    for (const before of waitsFor.get(id) ?? exporters) expect(ended).toContain(before);
  }
  const releases = ended.filter((id) => id !== handOff);
  expect(releases.toSorted()).toEqual([...waitsFor.keys()].toSorted());
  expect(ended).toContain(handOff);
}

/**
 * What a journal says to have succeeded was done in that very run, and in no later one. (Nobody can tell whether a
 * hand-off that was under way when its run was killed came to its end: it is done again.)
 */
async function expectWrittenDown(folder: string, world: WorldFile): Promise<void> {
  const endedIn = new Map<string, string>();
  let life = "";
  for (const line of world.lines()) {
    const [what, word = ""] = line.split(" ");
    if (what === "life") life = word;
    if (what === "end") endedIn.set(word, life);
  }
  for (const run of runNames(folder, "eqiad")) {
    const loaded = await loadRun(folder, run);
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.failure));
    const { outcomes, commands } = runStateOf(loaded.value);
    for (const [id, { kind }] of [...outcomes, ...commands])
      if (kind === "succeeded") expect([id, endedIn.get(id)]).toEqual([id, run]);
  }
}

/** How many lines the journal of a life has that nobody kills, and that of the next one. */
async function linesOfLives(): Promise<readonly number[]> {
  const folder = lives.folder();
  expect(await lives.live(folder)).toBe(0);
  const runs = await Promise.all(runNames(folder, "eqiad").map((run) => loadRun(folder, run)));
  return runs.reverse().map((run) => (run.ok ? run.value.lines.length + 2 : 0));
}

describe("a rollout of 150 steps, killed by SIGKILL", () => {
  it("at any line of its journal, and resumed: nothing is done twice, nothing is lost, the order holds", async () => {
    const [count = 0] = await linesOfLives();
    expect(rolloutOf150.steps).toHaveLength(150);
    expect(count).toBeGreaterThan(2 * (150 - 4 * failsFirst.size));
    const deaths = sampled(count).flatMap((line): Death[] => {
      const atBothEnds = line <= 5 || line > count - 5;
      const one = manners[drawn(3, "manner", line)] ?? "after";
      return (everything || atBothEnds ? manners : [one]).map((when) => ({ line, when }));
    });
    tellExtent(
      `killed at ${deaths.length} of ${count * manners.length} places of a journal of ${count} lines`,
    );
    await sideBySide(deaths, { limit: availableParallelism(), work: (death) => liveThrough([death]) });
  });

  it("again and again, the resumed runs too", async () => {
    const [count = 0] = await linesOfLives();
    const chains = (
      everything ? Array.from({ length: count }, (_, at) => at + 1) : [1, 2, 3, 4, 5, 6, 7, 8]
    ).map((number) =>
      Array.from({ length: 3 }, (_, at): Death => {
        // A resumed run has a line for each step at least, whatever is left to do.
        const line = 1 + drawn(at === 0 ? count : 150, "again", number, at);
        return { line, when: manners[drawn(3, "how", number, at)] ?? "after" };
      }),
    );
    tellExtent(`${chains.length} rollouts killed three times each`);
    await sideBySide(chains, { limit: availableParallelism(), work: liveThrough });
  });
});
