import { counted } from "../common/words.ts";
import type { JournalContent } from "../journal/parse-journal.ts";
import { describeRun } from "../journal/run-list.ts";
import type { RunState } from "../journal/run-state.ts";
import { isDoneEarlier } from "../rollout/outcome-reasons.ts";
import type { ReportedCommand, ReportedStep, ReportedWork, RunReport } from "./run-report.ts";

/** Whether the process of a run is alive; `unknown` where it ran on another host. */
export type RunLife = "alive" | "gone" | "unknown";

/** How far a run came. */
export function standingOf(state: RunState, life: RunLife): RunReport["standing"] {
  if (!state.ended) return ({ alive: "running", gone: "killed", unknown: "open" } as const)[life];
  if (state.complete) return "complete";
  return state.stopped === undefined ? "failed" : "interrupted";
}

/** The same in words. */
export function summaryOf(state: RunState, life: RunLife, torn: boolean): string {
  if (state.ended || life !== "unknown") return describeRun(state, { running: life === "alive", torn });
  return `no end is written down: ${state.outcomes.size + state.commands.size} of ${state.planned} ended`;
}

/** What a journal does not say of its run. */
export function notSaid({
  content: { header, torn },
  standing,
  steps,
  commands,
}: {
  readonly content: JournalContent;
  readonly standing: RunReport["standing"];
  readonly steps: readonly ReportedStep[];
  readonly commands: readonly ReportedCommand[];
}): string[] {
  const works: readonly ReportedWork[] = [...steps, ...commands];
  const open = works.filter(({ outcome }) => outcome === "in-flight");
  // What waited for its next try did not run.
  const running = open.filter(({ attempts }) => attempts.at(-1)?.toMs === undefined).length;
  const lost = works.filter(({ outcome }) => outcome === "not-begun").length;
  const earlier = steps.filter(({ reason = "" }) => isDoneEarlier(reason)).length;
  const missing = torn
    ? [standing === "running" ? "its last line is being written" : "its last line is cut off"]
    : [];
  switch (standing) {
    case "running":
      missing.push("it still runs: this is how it stands by its last line");
      break;
    case "killed":
      missing.push(`how it ended: it was killed${mayGoOn(running)}`);
      break;
    case "open":
      missing.push(`how it ended: whether it still runs is known only on ${header.host}`);
      break;
    default:
      if (open.length + lost > 0)
        missing.push(
          `how ${counted(open.length + lost, "step")} ended: the journal could not be written for a while`,
        );
  }
  if (header.resumes !== undefined && earlier > 0)
    missing.push(`when ${counted(earlier, "step")} ran that an earlier run did: report ${header.resumes}`);
  return missing;
}

function mayGoOn(open: number): string {
  return open === 0 ? "" : `, and ${counted(open, "step")} in flight may have gone on without it`;
}
