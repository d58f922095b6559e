// How much memory a roll-out of 10,000 steps takes, and what their output adds to that.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { isProgram, megabytes, runAndPrint } from "./finding.js";
import { median, takeTurns } from "./measure.js";

const rounds = 1;
const steps = 10_000;
const lines = { little: 1, much: 1_000 };
const limits = { bytes: 200e6, growth: 1.15 };

/** @type {import("./finding.js").Benchmark} */
export async function stepMemory() {
  const runs = await takeTurns(rounds, {
    little: () => measure(lines.little),
    much: () => measure(lines.much),
  });
  const peaks = (/** @type {"little" | "much"} */ name) =>
    (runs[name] ?? []).map(({ peakBytes }) => peakBytes);
  const output = (/** @type {"little" | "much"} */ name) => megabytes(runs[name]?.[0]?.bytes ?? 0);
  const growth = median(peaks("much").map((peak, at) => peak / (peaks("little")[at] ?? 0)));
  const worst = Math.max(...peaks("little"), ...peaks("much"));
  const finding = { compared: "", value: "" };
  return {
    findings: [
      {
        ...{ what: `peak memory, ${steps} steps, ${output("little")} of output`, ...finding },
        measured: megabytes(median(peaks("little"))),
        ...{ limit: megabytes(limits.bytes), met: worst <= limits.bytes },
      },
      {
        what: `the same, ${output("much")} of output`,
        measured: megabytes(median(peaks("much"))),
        compared: `${output("little")} of output`,
        value: `${growth.toFixed(2)}x`,
        ...{ limit: `${limits.growth}x`, met: growth <= limits.growth },
      },
    ],
  };
}

/** The lines for the terminal go where nobody reads them. @returns {Promise<{ bytes: number, peakBytes: number }>} */
async function measure(/** @type {number} */ linesOfEach) {
  const file = fileURLToPath(new URL("step-memory-measure.js", import.meta.url));
  const child = spawn(process.execPath, [file, String(steps), String(linesOfEach)], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const texts = /** @type {string[]} */ ([]);
  child.stdout.setEncoding("utf8").on("data", (text) => texts.push(text));
  const [exitCode] = await once(child, "close");
  if (exitCode !== 0) throw new Error(`the measure ended with ${exitCode}`);
  return JSON.parse(texts.join(""));
}

if (isProgram(import.meta.url)) await runAndPrint({ "Memory of steps": stepMemory });
