import { renderDuration } from "../common/words.ts";
import { renderEvidence } from "../evidence/evidence.ts";
import type { ReportedStep } from "./run-report.ts";

/** Something that was seen in the cluster while a step ran. */
export type Noticed = ReportedStep["noticed"][number];

/** What it was, and when, in lines for people: its head first. */
export function noticedLines({ ms, evidence }: Noticed): string[] {
  const [head = "", ...rest] = renderEvidence(evidence);
  return [`${renderDuration(ms)}: ${head}`, ...rest];
}
