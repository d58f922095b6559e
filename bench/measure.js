// How benchmarks measure: contestants take turns, and what counts is the ratio of neighbours in time, because the
// machine may be busy with other things.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";

/**
 * Runs each contestant once a round, in turn, every other round in reverse: what slows the machine down for a while
 * hits all of them.
 *
 * @template Value
 * @param {number} rounds
 * @param {Record<string, (round: number) => Promise<Value>>} contestants
 * @returns {Promise<Record<string, Value[]>>} what each returned, by round
 */
export async function takeTurns(rounds, contestants) {
  const names = Object.keys(contestants);
  /** @type {Record<string, Value[]>} */
  const results = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      results[name]?.push(await contestants[name](round));
    }
  }
  return results;
}

/**
 * Runs a program to its end, with its output thrown away, and says how long that took, in milliseconds.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv }} [options]
 */
export async function timeProgram(program, args, options = {}) {
  const began = performance.now();
  await run(program, args, { ...options, keepsOutput: false });
  return performance.now() - began;
}

/**
 * Runs a program to its end and gives its standard output.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv }} [options]
 */
export function outputOf(program, args, options = {}) {
  return run(program, args, { ...options, keepsOutput: true });
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, keepsOutput: boolean }} options
 */
async function run(program, args, { env = process.env, keepsOutput }) {
  const child = spawn(program, args, { env, stdio: ["ignore", keepsOutput ? "pipe" : "ignore", "pipe"] });
  let output = "";
  let errors = "";
  child.stdout?.setEncoding("utf8").on("data", (text) => {
    output += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text) => {
    errors += text;
  });
  const [exitCode, signal] = await once(child, "close");
  if (exitCode === 0) return output;
  throw new Error(
    `${[program, ...args].join(" ")} ended with ${signal ?? `exit code ${exitCode}`}:\n${errors}`,
  );
}

/**
 * The processor time that something takes in processes that it starts and that have ended then, with all that those have
 * waited for. In milliseconds, as exact as the kernel's clock (mostly 10 ms); only Linux tells it.
 *
 * @param {() => Promise<unknown>} work
 */
export async function processorTime(work) {
  const before = endedChildren();
  await work();
  return endedChildren() - before;
}

function endedChildren() {
  const stat = readFileSync("/proc/self/stat", "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[13]) + Number(fields[14])) * 10;
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/**
 * The median of the rounds' ratios, and the ratio of the fastest runs.
 *
 * @param {readonly number[]} values
 * @param {readonly number[]} base of the same rounds
 */
export function ratio(values, base) {
  return {
    median: median(values.map((value, round) => value / (base[round] ?? Number.NaN))),
    fastest: Math.min(...values) / Math.min(...base),
  };
}
