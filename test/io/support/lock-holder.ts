// Takes the lock of north in the state folder that is its argument, says so, and holds it until it is killed.
import { takeRunLock } from "../../../src/io/run-lock.ts";

const lock = await takeRunLock({
  folder: process.argv[2] ?? "",
  environment: "north",
  run: () => "north-20261005T110000Z-1",
  command: ["charlie-mediawiki", "apply"],
  env: process.env,
});
process.stdout.write(lock.ok ? "held\n" : `${lock.failure.kind}\n`);
setInterval(() => undefined, 1000);
