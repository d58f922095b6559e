import { plainLine } from "../common/plain-line.ts";
import type { Evidence } from "./evidence.ts";

/** How much is told of one step: what comes after that helps nobody, and the log has its limits. */
const mostEvidence = 200;
const mostConclusive = 20;

/** How many things of one sort are kept in mind for a step (what was told of it, pods, logs), however long it takes. */
export const mostKept = 2_000;

/** How many of the last lines of a log are told, and how much of each. */
const mostLines = 10;
const longestLine = 300;

/** Lets through what may be told of a step, in plain text, and says once that there was more. */
export class EvidenceBudget {
  readonly #step: string;
  #told = 0;
  #conclusive = 0;

  constructor(step: string) {
    this.#step = step;
  }

  /** What decides how the step ends is told also when there has been too much else. */
  spend(evidence: Evidence): Evidence[] {
    if (evidence.conclusive) {
      this.#conclusive += 1;
      return this.#conclusive <= mostConclusive ? [plainEvidence(evidence)] : [];
    }
    this.#told += 1;
    if (this.#told < mostEvidence) return [plainEvidence(evidence)];
    if (this.#told > mostEvidence) return [];
    const message = "more goes wrong than is told: the rest is left out";
    return [{ kind: "cannot-look", subject: `step ${this.#step}`, message }];
  }
}

function plainEvidence(evidence: Evidence): Evidence {
  const { subject, message, lines } = evidence;
  return {
    ...evidence,
    subject: plainLine(subject).trim(),
    message: plainLine(message).trim(),
    ...(lines ? { lines: lines.slice(-mostLines).map((line) => plainLine(line, longestLine)) } : {}),
  };
}
