// What a benchmark found, and how it is shown.
import { fileURLToPath } from "node:url";

/**
 * One limit, and what was measured.
 *
 * @typedef {object} Finding
 * @property {string} what
 * @property {string} measured
 * @property {string} compared what it is a ratio to; empty where it is none
 * @property {string} value
 * @property {string} limit empty where it is only for information
 * @property {boolean} met
 */

/**
 * A benchmark: its findings, or why it was not run.
 *
 * @typedef {() => Promise<{ readonly findings: readonly Finding[] } | { readonly skipped: string }>} Benchmark
 */

/** @param {number} ms */
export function milliseconds(ms) {
  return ms >= 1000 ? `${(ms / 1000).toFixed(2)} s` : `${ms.toFixed(ms < 100 ? 1 : 0)} ms`;
}

/** @param {number} bytes */
export function megabytes(bytes) {
  return `${Math.round(bytes / 1e6)} MB`;
}

/**
 * @param {{ what: string, measured: number, compared: string, ratio: { median: number, fastest: number }, limit?: number }} options
 * @returns {Finding}
 */
export function ratioFinding({ what, measured, compared, ratio, limit }) {
  return {
    what,
    measured: milliseconds(measured),
    compared,
    value: `${ratio.median.toFixed(2)}x (fastest ${ratio.fastest.toFixed(2)}x)`,
    limit: limit === undefined ? "" : `${Number(limit.toFixed(2))}x`,
    met: limit === undefined || ratio.median <= limit,
  };
}

/**
 * Runs benchmarks one after the other and prints a table of each, and whether all limits were met.
 *
 * @param {Record<string, Benchmark>} benchmarks
 */
export async function runAndPrint(benchmarks) {
  let missed = 0;
  for (const [name, benchmark] of Object.entries(benchmarks)) {
    console.log(`\n${name}`);
    const result = await benchmark();
    if ("skipped" in result) {
      console.log(`  SKIPPED: ${result.skipped}`);
      continue;
    }
    console.log(renderFindings(result.findings));
    missed += result.findings.filter(({ met }) => !met).length;
  }
  console.log(missed === 0 ? "\nevery limit that was measured is met" : `\n${missed} limits are MISSED`);
  if (missed > 0) process.exitCode = 1;
}

/** Whether this module is the program, and not a part of `run.js`. */
export function isProgram(/** @type {string} */ url) {
  return process.argv[1] === fileURLToPath(url);
}

/** @param {readonly Finding[]} findings */
function renderFindings(findings) {
  const rows = [
    ["what", "median", "value", "compared with", "limit", ""],
    ...findings.map(({ what, measured, value, compared, limit, met }) => [
      what,
      measured,
      value,
      compared,
      limit,
      limit === "" ? "" : met ? "met" : "MISSED",
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd())
    .join("\n");
}
