import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BuiltCommand, buildCommand } from "../host/support/built-command.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { operate } from "./support/operator.ts";

let command: BuiltCommand;
beforeAll(async () => {
  command = await buildCommand();
});
afterAll(() => command.remove());

const services = ["a", "b", "c"];
const hour = 3_600_000;
const day = 24 * hour;

/** An operator whose wall clock goes wrong by as many milliseconds as the test says, from then on. */
async function operateWithClock() {
  const folder = temporaryFolder({ "wrong-by": "0", "clock.cjs": wrongClock });
  const wrongBy = join(folder, "wrong-by");
  const operator = await operate(command, {
    services,
    env: { NODE_OPTIONS: `--require ${join(folder, "clock.cjs")}`, WRONG_BY: wrongBy },
  });
  return { ...operator, setClock: (milliseconds: number) => writeFileSync(wrongBy, `${milliseconds}`) };
}

const wrongClock = `const { readFileSync } = require("node:fs");
const Right = Date;
const wrongBy = () => Number(readFileSync(process.env.WRONG_BY, "utf8"));
globalThis.Date = class Date extends Right {
  constructor(...given) { given.length === 0 ? super(Right.now() + wrongBy()) : super(...given); }
  static now() { return Right.now() + wrongBy(); }
};`;

describe("a clock that is set back", () => {
  it("between runs: the newest run is the one that was begun last, and is the one to go on with", async () => {
    const { helmfile, restore, setClock, runs, journal, deployed, listRuns } = await operateWithClock();
    helmfile.answer("b", "exit 1");
    helmfile.answer("c", "exit 1");
    expect((await restore().ended).exitCode).toBe(1);
    const [first] = runs();
    setClock(-day);
    helmfile.answer("b", "exit 0");
    expect((await restore("--resume").ended).exitCode).toBe(1);
    const [second] = runs();
    expect(second).not.toBe(first);
    expect((await journal(second)).header.resumes).toBe(first);
    setClock(-2 * day);
    helmfile.answer("c", "exit 0");
    expect((await restore("--resume").ended).exitCode).toBe(0);
    const [third] = runs();
    expect((await journal(third)).header.resumes).toBe(second);
    setClock(-3 * day);
    const nothing = await restore("--resume").ended;
    expect(nothing.stderr).toContain(`nothing to go on with: ${third} came to its end`);
    expect(deployed().toSorted()).toEqual(services);
    const listed = JSON.parse((await listRuns().ended).stdout);
    expect(listed.runs.map(({ run }: { run: string }) => run)).toEqual([third, second, first]);
  });

  it("in the middle of a run: no duration is negative, and the order in the journal is that of what happened", async () => {
    const { helmfile, restore, setClock, journal, listRuns } = await operateWithClock();
    helmfile.hold("b");
    const { ended } = restore("--jobs", "1");
    await helmfile.until("start b");
    setClock(-hour);
    await helmfile.release("b");
    const { exitCode, stderr } = await ended;
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/^restore of north took \d/m);
    const { lines, state } = await journal();
    const times = lines.map(({ time }) => time);
    expect(times).not.toEqual(times.toSorted());
    const elapsed = lines.map(({ elapsedMs }) => elapsedMs);
    expect(elapsed).toEqual(elapsed.toSorted((one, other) => one - other));
    for (const outcome of state.outcomes.values())
      expect(outcome).toMatchObject({ kind: "succeeded", durationMs: expect.toSatisfy((ms) => ms >= 0) });
    const listed = JSON.parse((await listRuns().ended).stdout);
    expect(listed.runs[0].durationMs).toBe(elapsed.at(-1));
    // That was an installation: the next run upgrades, and what that takes is what later ones go by.
    setClock(-2 * hour);
    helmfile.answer("b", "exit 0");
    expect((await restore().ended).stderr).toContain("measured any of these steps");
    setClock(-3 * hour);
    expect((await restore().ended).stderr).toMatch(/expected to take \d/);
  });

  it.each([
    ["ten years back", -3650 * day],
    ["ten years ahead", 3650 * day],
  ])("%s does not make the lock of a living run look stale", async (_, milliseconds) => {
    const { helmfile, restore, setClock, deployed, runs } = await operateWithClock();
    helmfile.hold("a");
    const { ended } = restore("--jobs", "1");
    await helmfile.until("start a");
    setClock(milliseconds);
    const refused = await restore().ended;
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain(runs()[0]);
    await helmfile.release("a");
    expect((await ended).exitCode).toBe(0);
    expect(deployed()).toEqual(services);
    // Nor does one that is over hold anybody up.
    helmfile.answer("a", "exit 0");
    expect((await restore().ended).exitCode).toBe(0);
  });
});
