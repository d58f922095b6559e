// How long it takes to read 1,000 manifests of 40 KB and to derive what releases need of one another, and how much memory.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isProgram, megabytes, milliseconds, runAndPrint } from "./finding.js";
import { median, outputOf } from "./measure.js";
import { manifestsOf } from "./rendered-manifests.js";

const rounds = 5;
const namespaces = 100;
const releases = 10;
const bytes = 40 * 1024;
const limits = { ms: 2_000, bytes: 300e6 };

/** @type {import("./finding.js").Benchmark} */
export async function derive() {
  const folder = mkdtempSync(join(tmpdir(), "bench-derive-"));
  try {
    for (let at = 0; at < namespaces; at += 1) {
      for (const { id, text } of manifestsOf(at, releases, bytes)) {
        mkdirSync(join(folder, dirname(id)), { recursive: true });
        mkdirSync(join(folder, id));
        writeFileSync(join(folder, id, "manifests.yaml"), text);
      }
    }
    const runs = [];
    for (let round = 0; round < rounds; round += 1) runs.push(await measure(folder));
    return { findings: findingsOf(runs) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {readonly { ms: number, peakBytes: number }[]} runs */
function findingsOf(runs) {
  const ms = median(runs.map((run) => run.ms));
  const peak = median(runs.map((run) => run.peakBytes));
  const none = { compared: "", value: "" };
  return [
    {
      ...{ what: `${namespaces * releases} manifests of ${bytes / 1024} KB, read and derived`, ...none },
      ...{ measured: milliseconds(ms), limit: milliseconds(limits.ms), met: ms <= limits.ms },
    },
    {
      ...{ what: "peak memory of the process that did it", ...none },
      ...{ measured: megabytes(peak), limit: megabytes(limits.bytes), met: peak <= limits.bytes },
    },
  ];
}

/** @returns {Promise<{ ms: number, peakBytes: number }>} */
async function measure(/** @type {string} */ folder) {
  const file = fileURLToPath(new URL("derive-measure.js", import.meta.url));
  const size = String(namespaces * releases);
  return JSON.parse(await outputOf(process.execPath, [file, folder, size]));
}

if (isProgram(import.meta.url)) await runAndPrint({ Derive: derive });
