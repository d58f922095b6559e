// Writes the journal of a run, a step after the other. Arguments: the state folder, how many steps, and `kill` to be
// killed in the end. Tells what it has written, as soon as it is written; and the fault, if there is one.
import { openJournal } from "../../../src/io/journal-writer.ts";
import { plan, step } from "../../support/plan.ts";

const [folder = "", count = "1", how] = process.argv.slice(2);
const steps = Array.from({ length: Number(count) }, (_, at) => step(`s${at}`));
let fault = "no fault";
const journal = openJournal({
  onFault: (message) => {
    fault = message;
  },
  folder,
  run: "eqiad-20261005T110000Z-1",
  plan: plan(steps.slice(0, 1)),
  argv: ["restore"],
  env: {},
  tools: { "charlie-mediawiki": "1.2.3" },
});
for (const one of steps) {
  journal.on({ type: "step-started", step: one, attempt: 1 });
  journal.on({ type: "step-finished", step: one, outcome: { kind: "succeeded", durationMs: 1 } });
}
const begun = { type: "step-started", step: step("last"), attempt: 1 } as const;
journal.on(begun);
// Not by process.stdout, which may still be on its way when the signal comes.
const { writeSync } = await import("node:fs");
writeSync(1, `${fault}\n`);
if (how === "kill") process.kill(process.pid, "SIGKILL");
