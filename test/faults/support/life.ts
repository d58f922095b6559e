// One life of a rollout of 150 steps: it begins, or goes on with the newest run of a state folder, as the command does.
// Arguments: the state folder and the file of the world. To be killed at a line of its journal also its number, and
// `before`, `within` or `after` it. Without that it goes on until all is done, and ends with 1 where it never is.
import { ftruncateSync, writeSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { chainOf } from "../../../src/core/journal/run-chain.ts";
import { type DoneBefore, planResume } from "../../../src/core/journal/run-resume.ts";
import type { Backend } from "../../../src/core/rollout/backend.ts";
import { execute } from "../../../src/io/execute.ts";
import type { FileCalls } from "../../../src/io/journal-file.ts";
import { openJournal } from "../../../src/io/journal-writer.ts";
import { loadRun, nextRunName, runNames } from "../../../src/io/run-files.ts";
import { drawn } from "./extent.ts";
import { failsFirst, rolloutOf150 } from "./rollout-of-150.ts";
import { WorldFile } from "./world-file.ts";

const [folder = "", file = "", line = "0", when = ""] = process.argv.slice(2);
const world = new WorldFile(file);

/** The system's calls, and the end at that line. */
function deadly(): FileCalls {
  let number = 0;
  const die = () => process.kill(process.pid, "SIGKILL");
  return {
    truncate: ftruncateSync,
    // A kill takes nothing of what the system has been given: to wait for the disk would only take time.
    sync: () => undefined,
    write: (fd, bytes, offset) => {
      if (offset === 0) number += 1;
      if (number !== Number(line)) return writeSync(fd, bytes, offset);
      if (when === "before") die();
      const length = when === "within" ? 1 + drawn(bytes.length - 1, "cut", line) : bytes.length;
      const written = writeSync(fd, bytes, offset, length - offset);
      die();
      return written;
    },
  };
}

/** Each release takes as many turns as its name says, so that they end in another order than they began. */
async function turns(id: string): Promise<void> {
  for (let left = drawn(4, "turns", id); left >= 0; left--) await setImmediate();
}

const backend: Backend = {
  run: async ({ id }) => {
    const isFirst = !world.releases().has(id);
    world.add("begin", id);
    await turns(id);
    const fails = isFirst && failsFirst.has(id);
    world.add(fails ? "fail" : "end", id);
    return fails ? { ok: false, failure: { kind: "exit", exitCode: 1, lastLines: ["no"] } } : { ok: true };
  },
  runCommand: async ([program = ""]) => {
    world.add("begin", program);
    await turns(program);
    world.add("end", program);
    return { ok: true };
  },
  now: () => performance.now(),
  sleep: async () => undefined,
};

async function resumption(previous: string | undefined): Promise<DoneBefore & { complete: boolean }> {
  if (previous === undefined) return { settled: new Map(), commands: new Map(), complete: false };
  const chain = await chainOf(previous, (run) => loadRun(folder, run));
  if (!chain.ok) throw new Error(JSON.stringify(chain.failure));
  const releases = world.releases();
  const statuses = new Map(
    rolloutOf150.steps.map(({ id }) => [id, releases.get(id)?.standing ?? ({ kind: "absent" } as const)]),
  );
  const resumed = planResume({ plan: rolloutOf150, state: chain.value, statuses });
  return { ...resumed, complete: chain.value.state.complete };
}

/** As helm has them before a run; 0 for what is not there. */
function revisions(): Map<string, number> {
  const releases = world.releases();
  return new Map(
    rolloutOf150.steps.map(({ id }) => {
      const { standing, revision = 0 } = releases.get(id) ?? {};
      return [id, standing?.kind === "absent" ? 0 : revision];
    }),
  );
}

async function live(): Promise<void> {
  const run = nextRunName(folder, "eqiad");
  const [previous] = runNames(folder, "eqiad");
  const { settled, commands } = await resumption(previous);
  const journal = openJournal({
    ...{ folder, run, plan: rolloutOf150, argv: ["restore"], env: {}, tools: {}, calls: deadly() },
    revisions: revisions(),
    ...(previous === undefined ? {} : { resumes: previous }),
  });
  world.add("life", run);
  const { on } = journal;
  await execute(rolloutOf150, { backend, jobs: 6, settled, settledCommands: commands, on });
  journal.close();
}

for (let lives = 0; lives < (when === "" ? 3 : 1); lives++) {
  if ((await resumption(runNames(folder, "eqiad")[0])).complete) break;
  await live();
}
if (!(await resumption(runNames(folder, "eqiad")[0])).complete) process.exitCode = 1;
