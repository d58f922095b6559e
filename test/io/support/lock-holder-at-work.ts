// Takes the lock of north, as lock-holder.ts does, and then runs what sleeps; says its number.

import { takeRunLock } from "../../../src/io/run-lock.ts";
import { runProgram } from "../../../src/io/run-program.ts";

const [folder = "", shared = ""] = process.argv.slice(2);
await takeRunLock({
  ...{ folder, shared, environment: "north", run: () => "north-20261005T110000Z-1" },
  ...{ command: ["charlie-mediawiki", "apply"], env: process.env },
});
await runProgram(["/bin/sh", "-c", "echo $$; exec sleep 600"], {
  env: process.env,
  signal: new AbortController().signal,
  output: (line) => process.stdout.write(`${line}\n`),
});
