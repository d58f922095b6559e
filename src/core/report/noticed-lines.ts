import { renderDuration } from "../common/words.ts";
import { renderEvidence } from "../evidence/evidence.ts";
import type { ReportedStep } from "./run-report.ts";

/** What was seen in the cluster while a step ran, and when, in lines for people. */
export function noticedLines(noticed: ReportedStep["noticed"]): string[] {
  return noticed.flatMap(({ ms, evidence }) => {
    const [first = "", ...rest] = renderEvidence(evidence);
    return [`${renderDuration(ms)}: ${first}`, ...rest];
  });
}
