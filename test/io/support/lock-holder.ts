// Takes the lock of north in the state folder that is its argument, and in the one for all users if it is given a second;
// says so, or why not, and holds it until it is killed.
import { describeLockFailure, takeRunLock } from "../../../src/io/run-lock.ts";

const [folder = "", shared] = process.argv.slice(2);
const lock = await takeRunLock({
  folder,
  ...(shared === undefined ? {} : { shared }),
  onUnshared: (reason) => process.stdout.write(`unshared: ${reason}\n`),
  environment: "north",
  run: () => "north-20261005T110000Z-1",
  command: ["charlie-mediawiki", "apply"],
  env: process.env,
});
process.stdout.write(lock.ok ? "taken\n" : `${describeLockFailure(lock.failure)}\n`);
if (lock.ok) setInterval(() => undefined, 1000);
