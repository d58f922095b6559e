// One measure of step-memory.js, in a process of its own. Arguments: how many steps, how many lines each of them prints.
// Rolls out with all that keeps anything: the journal, the logs of the steps, and the lines for the terminal (standard error).
// Prints JSON: how long it took, in milliseconds, the bytes that the steps printed, and the most memory that the process ever had.
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { execute } from "../dist/io/execute.js";
import { helmfileBackend } from "../dist/io/helmfile-backend.js";
import { openJournal } from "../dist/io/journal-writer.js";
import { plainSink } from "../dist/io/plain-sink.js";
import { openStepLog } from "../dist/io/step-log.js";
import { independentSteps } from "./independent-steps.js";

const [steps, lines] = process.argv.slice(2).map(Number);
/** As many as the command runs if nobody says how many. */
const jobs = Math.min(32, Math.max(4, availableParallelism() * 4));
const folder = mkdtempSync(join(tmpdir(), "bench-step-memory-"));
try {
  console.log(JSON.stringify(await measure()));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measure() {
  // `seq` prints as many lines as it is told to, as fast as they are read.
  const plan = independentSteps(steps ?? 0, ["-f", `line %.0f ${"x".repeat(60)}`, "1", String(lines)]);
  const log = openStepLog(join(folder, "logs"));
  const sink = plainSink({ environment: "eqiad", printsOutput: true });
  const journal = openJournal({
    ...{ folder, run: "eqiad-20260101T000000Z-1", plan, argv: [], env: {}, tools: {}, revisions: new Map() },
    onFault: (message) => {
      throw new Error(message);
    },
  });
  const backend = helmfileBackend({
    ...{ env: process.env, helmfile: "seq" },
    congested: () => sink.congested() ?? log.congested(),
  });
  const began = performance.now();
  const { outcomes } = await execute(plan, {
    ...{ backend, jobs },
    on: (event) => {
      journal.on(event);
      log.on(event);
      sink.on(event);
    },
  });
  const ms = performance.now() - began;
  journal.close();
  const faults = await log.close();
  const succeeded = [...outcomes.values()].filter(({ kind }) => kind === "succeeded").length;
  if (succeeded !== steps || faults.length > 0) throw new Error(`${succeeded} of ${steps} steps succeeded`);
  const bytes = readdirSync(log.folder).reduce((sum, name) => sum + statSync(join(log.folder, name)).size, 0);
  return { ms, bytes, peakBytes: process.resourceUsage().maxRSS * 1024 };
}
