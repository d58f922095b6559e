import { salvageJournal } from "../../../src/core/journal/parse-journal.ts";
import { assembleRunReport } from "../../../src/core/report/assemble-run-report.ts";
import type { RunReport } from "../../../src/core/report/run-report.ts";
import type { RunLife } from "../../../src/core/report/run-standing.ts";
import type { RolloutEvent } from "../../../src/core/rollout/events.ts";
import { type JournalParts, journalText } from "./journal-text.ts";

/** The report of a journal's text. */
export function reportOfText(text: string, life: RunLife = "gone"): RunReport {
  const source = { file: "/state/runs/eqiad-20261005T110000Z-42.ndjson", text };
  return assembleRunReport(salvageJournal(source), {
    run: "eqiad-20261005T110000Z-42",
    file: source.file,
    life,
  });
}

/** The report of a journal with these events, a second for each line. */
export function reportOf(
  events: readonly RolloutEvent[],
  { life, ...parts }: JournalParts & { readonly life?: RunLife },
): RunReport {
  return reportOfText(journalText(events, parts), life);
}
