// How planning and rolling out grow with the cluster.
import { fileURLToPath } from "node:url";
import { isProgram, megabytes, milliseconds, ratioFinding, runAndPrint } from "./finding.js";
import { median, outputOf, ratio, takeTurns } from "./measure.js";

const rounds = 5;
const small = { releases: 10_000, namespaces: 2_000 };
const large = { releases: 100_000, namespaces: 20_000 };
const limits = { planMs: 300, rollOutMs: 3_000, rollOutBytes: 200e6, growth: 12 };

/** @type {import("./finding.js").Benchmark} */
export async function scale() {
  const runs = await takeTurns(rounds, {
    "plan small": (round) => measure("plan", small, round),
    "plan large": (round) => measure("plan", large, round),
    "roll-out small": (round) => measure("roll-out", small, round),
    "roll-out large": (round) => measure("roll-out", large, round),
  });
  const times = (/** @type {string} */ name) => (runs[name] ?? []).map(({ ms }) => ms);
  const memory = (/** @type {string} */ name) => median((runs[name] ?? []).map(({ peakBytes }) => peakBytes));
  const growth = (/** @type {string} */ name) =>
    ratioFinding({
      what: `${name}, ${sizeOf(large)}`,
      measured: median(times(`${name} large`)),
      compared: `${sizeOf(small)} (${milliseconds(median(times(`${name} small`)))})`,
      ratio: ratio(times(`${name} large`), times(`${name} small`)),
      limit: limits.growth,
    });
  return {
    findings: [
      timeFinding(`classify and plan, ${sizeOf(small)}`, times("plan small"), limits.planMs),
      timeFinding(`roll-out in virtual time, ${sizeOf(small)}`, times("roll-out small"), limits.rollOutMs),
      memoryFinding(`peak memory of that process`, memory("roll-out small"), limits.rollOutBytes),
      growth("plan"),
      growth("roll-out"),
      memoryFinding(`peak memory of that process`, memory("roll-out large")),
    ],
  };
}

/** Each round has a cluster of its own. @returns {Promise<{ ms: number, peakBytes: number }>} */
async function measure(
  /** @type {string} */ name,
  /** @type {typeof small} */ { releases, namespaces },
  /** @type {number} */ round,
) {
  const file = fileURLToPath(new URL("scale-measure.js", import.meta.url));
  return JSON.parse(
    await outputOf(process.execPath, [file, name, ...[releases, namespaces, round + 1].map(String)]),
  );
}

function sizeOf(/** @type {typeof small} */ { releases, namespaces }) {
  return `${releases.toLocaleString("en")} releases in ${namespaces.toLocaleString("en")} namespaces`;
}

/** @returns {import("./finding.js").Finding} */
function timeFinding(
  /** @type {string} */ what,
  /** @type {number[]} */ times,
  /** @type {number} */ limitMs,
) {
  const measured = median(times);
  return {
    what,
    measured: milliseconds(measured),
    compared: "",
    value: `fastest ${milliseconds(Math.min(...times))}`,
    limit: milliseconds(limitMs),
    met: measured <= limitMs,
  };
}

/** @returns {import("./finding.js").Finding} */
function memoryFinding(
  /** @type {string} */ what,
  /** @type {number} */ bytes,
  /** @type {number | undefined} */ limit,
) {
  return {
    what,
    measured: megabytes(bytes),
    compared: "",
    value: "",
    limit: limit === undefined ? "" : megabytes(limit),
    met: limit === undefined || bytes <= limit,
  };
}

if (isProgram(import.meta.url)) await runAndPrint({ Scale: scale });
