import { plainLine } from "../common/plain-line.ts";
import { renderDuration, renderTable } from "../common/words.ts";
import { interrupted, isNotChosen } from "../rollout/outcome-reasons.ts";
import type { RunState } from "./run-state.ts";

/** A run as a list of runs has it. */
export type ListedRun = {
  readonly run: string;
  readonly environment: string;
  /** Its journal. */
  readonly file: string;
} & (
  | {
      readonly state: RunState;
      /** Its process is alive, on this host. */
      readonly running: boolean;
      /** The last line of its journal is cut off. */
      readonly torn: boolean;
    }
  /** Why its journal could not be read. */
  | { readonly fault: string }
);

/** A table of runs for people. */
export function renderRuns(runs: readonly ListedRun[]): string {
  if (runs.length === 0) return "no runs";
  const rows = runs.map((listed) => {
    if ("fault" in listed)
      return [listed.run, listed.environment, "", "", `unreadable: ${plainLine(listed.fault)}`, ""];
    const { header, elapsedMs } = listed.state;
    const { resumes = "" } = header;
    return [
      listed.run,
      listed.environment,
      header.time.replace(/\.\d+/, ""),
      renderDuration(elapsedMs),
      plainLine(describeRun(listed.state, listed)),
      resumes,
    ];
  });
  return renderTable([["run", "environment", "begun", "took", "state", "resumes"], ...rows]).join("\n");
}

/** Where a run stands, in a few words. */
export function describeRun(
  state: RunState,
  { running, torn }: { readonly running: boolean; readonly torn: boolean },
): string {
  const { planned, outcomes, commands, inFlight, betweenTries, commandsInFlight } = state;
  if (!state.ended && running) return `running: ${outcomes.size + commands.size} of ${planned} ended`;
  if (!state.ended) {
    const left = `killed: ${inFlight.length + betweenTries.length + commandsInFlight.length} in flight`;
    return torn ? `${left}, its last line is cut off` : left;
  }
  if (state.complete) {
    const left = [...outcomes.values()].filter(isNotChosen).length;
    return left === 0 ? "complete" : `complete: ${left} not chosen`;
  }
  const counts = ["failed", "blocked", "cancelled"].flatMap((kind) => {
    const count = [...outcomes.values(), ...commands.values()].filter((one) => one.kind === kind).length;
    return count > 0 ? [`${count} ${kind}`] : [];
  });
  // Its journal could not be written for a while.
  const lost = planned - outcomes.size - commands.size;
  if (lost > 0) counts.push(`${lost} not known`);
  if (state.stopped === undefined) return `failed: ${counts.join(", ")}`;
  const why = state.stopped === interrupted ? "" : ` (${state.stopped})`;
  return `interrupted${why}: ${counts.join(", ")}`;
}
