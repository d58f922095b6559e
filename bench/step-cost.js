// What a step costs beside the program that it runs: `execute` against p-queue with a bare spawn of the same program.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { execa } from "execa";
import PQueue from "p-queue";
import { execute } from "../dist/io/execute.js";
import { helmfileBackend } from "../dist/io/helmfile-backend.js";
import { isProgram, ratioFinding, runAndPrint } from "./finding.js";
import { independentSteps } from "./independent-steps.js";
import { median, ratio, takeTurns } from "./measure.js";

const rounds = 11;
const steps = 300;
const jobs = 8;
const limit = 1.1;
/** Ends at once: a real helmfile takes a hundred times as long, and hides any cost. */
const program = "true";

/** @type {import("./finding.js").Benchmark} */
export async function stepCost() {
  const plan = independentSteps(steps, ["apply"]);
  const others = { "p-queue, bare spawn": runBare, "p-queue, execa": runExeca };
  await rollOut(plan);
  const times = await takeTurns(rounds, {
    ...Object.fromEntries(
      Object.entries(others).map(([name, run]) => [name, () => timeOf(() => runAll(plan, run))]),
    ),
    "roll-out": () => timeOf(() => rollOut(plan)),
  });
  const own = times["roll-out"] ?? [];
  const perStep = (/** @type {number[]} */ all) => median(all) / steps;
  return {
    findings: Object.keys(others).map((name, at) => {
      const compared = times[name] ?? [];
      return ratioFinding({
        what: `a step of ${steps}, ${jobs} jobs`,
        measured: perStep(own),
        compared: `${name} (${perStep(compared).toFixed(2)} ms)`,
        ratio: ratio(own, compared),
        // execa alone is for information: it says whose cost it is.
        ...(at === 0 ? { limit } : {}),
      });
    }),
  };
}

async function timeOf(/** @type {() => Promise<void>} */ work) {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

async function rollOut(/** @type {import("../dist/core/plan/plan.js").Plan} */ plan) {
  const backend = helmfileBackend({ env: process.env, helmfile: program });
  const { outcomes } = await execute(plan, { backend, jobs });
  const succeeded = [...outcomes.values()].filter(({ kind }) => kind === "succeeded").length;
  if (succeeded !== steps) throw new Error(`${succeeded} of ${steps} steps succeeded`);
}

/** Nothing but a limit on how many run at once. */
async function runAll(
  /** @type {import("../dist/core/plan/plan.js").Plan} */ plan,
  /** @type {(args: readonly string[]) => Promise<number | null | undefined>} */ run,
) {
  const queue = new PQueue({ concurrency: jobs });
  let succeeded = 0;
  for (const { args } of plan.steps) {
    queue.add(async () => {
      if ((await run(args)) === 0) succeeded += 1;
    });
  }
  await queue.onIdle();
  if (succeeded !== steps) throw new Error(`${succeeded} of ${steps} programs ended well`);
}

/** Output is read and thrown away, as it must be for a program to end. */
async function runBare(/** @type {readonly string[]} */ args) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], detached: true });
  child.stdout.resume();
  child.stderr.resume();
  const [exitCode] = await once(child, "close");
  return exitCode;
}

async function runExeca(/** @type {readonly string[]} */ args) {
  const child = execa(program, args, {
    ...{ stdin: "ignore", buffer: false, reject: false, detached: true, cleanup: false },
  });
  child.stdout?.resume();
  child.stderr?.resume();
  return (await child).exitCode;
}

if (isProgram(import.meta.url)) await runAndPrint({ "Cost of a step": stepCost });
