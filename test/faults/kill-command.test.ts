import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type BuiltCommand, buildCommand } from "../host/support/built-command.ts";
import { drawn, everything, tellExtent } from "./support/extent.ts";
import { type Operator, operate } from "./support/operator.ts";

let command: BuiltCommand;
beforeAll(async () => {
  command = await buildCommand();
});
afterAll(() => command.remove());

const services = Array.from({ length: 150 }, (_, at) => `s${at}`);

/** Header, plan, begin and end of the run, its stages, and two lines a step, but for some that are told as a stage. */
const linesOfARun = 2 * services.length;

function linesOfJournals({ state }: Operator): number {
  const folder = join(state, "runs");
  if (!existsSync(folder)) return 0;
  // A journal gets its name when it has been begun.
  const names = readdirSync(folder).filter((name) => !name.startsWith("."));
  const texts = names.map((name) => readFileSync(join(folder, name), "utf8"));
  return texts.reduce((sum, text) => sum + text.split("\n").length - 1, 0);
}

/** Restores, and kills the command when so many lines more have been written down. */
async function killAt(operator: Operator, lines: number, ...flags: string[]): Promise<void> {
  const before = linesOfJournals(operator);
  const { ended, kill, stderr } = operator.restore("--jobs", "8", ...flags);
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  while (linesOfJournals(operator) < before + lines) {
    if (isOver) throw new Error(`the journal never had ${lines} lines:\n${stderr()}`);
    await sleep(1);
  }
  kill("SIGKILL");
  await ended;
  // The helmfiles go on without it, as they are in process groups of their own.
  const { helmfile } = operator;
  await expect.poll(() => helmfile.ends().length, { timeout: 20_000 }).toBe(helmfile.calls().length);
}

it("the command, killed when its journal has any number of lines, goes on where it was", async () => {
  const boundaries = everything
    ? Array.from({ length: linesOfARun / 10 }, (_, at) => at * 10 + 1)
    : [1 + drawn(20, "early"), 20 + drawn(260, "middle"), 280 + drawn(20, "late")];
  tellExtent(`the command killed at ${boundaries.length} places of about ${linesOfARun}, each time twice`);
  for (const boundary of boundaries) {
    const operator = await operate(command, { services });
    const failing = `if [ -e "$here/failed" ]; then exit 0; fi; : > "$here/failed"; exit 1`;
    operator.helmfile.answer("s7", failing);
    await killAt(operator, boundary);
    await killAt(operator, 1 + drawn(linesOfARun - boundary, "again", boundary), "--resume");
    const last = await operator.restore("--jobs", "8", "--resume").ended;
    // Where the service that fails first came to be tried only now.
    if (last.exitCode === 1) expect(await operator.restore("--resume").ended).toMatchObject({ exitCode: 0 });
    else expect(last.exitCode).toBe(0);
    expect(operator.deployed().toSorted()).toEqual(services.toSorted());
    const nothing = await operator.restore("--resume").ended;
    expect([nothing.exitCode, nothing.stderr]).toEqual([0, expect.stringContaining("nothing to go on with")]);
  }
});
