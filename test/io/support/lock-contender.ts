// Takes the same lock again and again against others that do the same, and writes down when it has it.
// Arguments: the lock's file, the file to write to, a file to wait for, and how often.
import { appendFileSync, existsSync, renameSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { ownProcess } from "../../../src/io/process-identity.ts";
import { claimLock } from "../../../src/io/run-lock-file.ts";

const [file = "", log = "", go = "", times = "1"] = process.argv.slice(2);
const claim = {
  run: "run",
  ...ownProcess(),
  host: hostname(),
  user: "test",
  since: "now",
  command: [],
};

/** One line in one write: lines of several processes do not mix. */
function tell(what: string): void {
  appendFileSync(log, `${what} ${process.pid}\n`);
}

while (!existsSync(go)) await sleep(5);
for (let taken = 0; taken < Number(times); ) {
  const lock = claimLock(file, claim);
  if (!lock.ok) {
    await sleep(Math.random() * 2);
    continue;
  }
  tell("enter");
  taken += 1;
  await sleep(Math.random() * 2);
  tell("leave");
  if (Math.random() < 0.5) {
    lock.value.release();
    continue;
  }
  // As if it had been killed: the lock stays behind, of a process that is no more.
  const dead = { ...claim, token: crypto.randomUUID(), processStart: "another boot:1" };
  writeFileSync(`${file}.${process.pid}`, JSON.stringify(dead));
  renameSync(`${file}.${process.pid}`, file);
}
