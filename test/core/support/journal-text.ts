import { journalEvent } from "../../../src/core/journal/journal-event.ts";
import type { JournalHeader } from "../../../src/core/journal/journal-line.ts";
import { type JournalContent, parseJournal } from "../../../src/core/journal/parse-journal.ts";
import type { Plan } from "../../../src/core/plan/plan.ts";
import type { RolloutEvent } from "../../../src/core/rollout/events.ts";

/** The header of a run's journal. */
export function header(overrides: Partial<JournalHeader> = {}): JournalHeader {
  return {
    type: "journal",
    version: 1,
    run: "eqiad-20261005T110000Z-42",
    environment: "eqiad",
    time: "2026-10-05T11:00:00.000Z",
    argv: ["restore", "-e", "eqiad"],
    user: "alice",
    host: "deploy1003",
    from: "10.64.0.7",
    pid: 42,
    processStart: "boot:1",
    tools: { "charlie-mediawiki": "1.2.3", node: "v20.19.0" },
    ...overrides,
  };
}

export interface JournalParts {
  readonly plan: Plan;
  readonly header?: Partial<JournalHeader>;
  readonly revisions?: Readonly<Record<string, number>>;
  readonly halfDone?: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  /** When each event was written down, since the begin; without it, a second for each line. */
  readonly seconds?: readonly number[];
}

/** A journal as it would be written. */
export function journalText(
  events: readonly RolloutEvent[],
  { plan, revisions, halfDone, files, seconds, ...parts }: JournalParts,
): string {
  const lines: object[] = [
    header(parts.header),
    {
      type: "plan",
      plan,
      ...(revisions && { revisions }),
      ...(halfDone && { halfDone }),
      ...(files && { files }),
    },
    ...events.flatMap((event, at) => {
      const line = journalEvent(event);
      return line ? [{ ...(seconds && timeOf(seconds[at] ?? 0)), ...line }] : [];
    }),
  ];
  return lines.map((line, at) => `${JSON.stringify({ ...(at > 0 && timeOf(at)), ...line })}\n`).join("");
}

/** The same, read again. */
export function journalOf(events: readonly RolloutEvent[], parts: JournalParts): JournalContent {
  const parsed = parseJournal({ file: "run.ndjson", text: journalText(events, parts) });
  if (!parsed.ok) throw new Error(parsed.failure.map(({ message }) => message).join("\n"));
  return parsed.value;
}

function timeOf(second: number) {
  const time = new Date(Date.UTC(2026, 9, 5, 11, 0, second)).toISOString();
  return { time, elapsedMs: second * 1000 };
}
