import { valuesOf } from "../core/common/command-flags.ts";
import { quoted } from "../core/common/words.ts";
import { exitCodes, Refusal } from "./settings.ts";

/**
 * Flags of one value that decide what is deployed, where and by what, or where it is written down: of two values one would
 * be ignored without a word. Flags that only say how (`--jobs`, `--jobs-per-namespace`, `--tries`, `--wait`, `--timeout`,
 * `--rollback-limit`, `--output`, `--log-dir`) may come again, and the last counts: a script gives its own before the
 * words of whoever calls it.
 */
const givenOnce = [
  ...[["--environment", "-e"], ["--services-dir"], ["--inventory"], ["--kubeconfig"], ["--resume-at"]],
  ...[["--plugin"], ["--registry"], ["--deployments"], ["--manifests"], ["--mode"], ["--not-wiped"]],
  ...[["--resume"], ["--state-dir"], ["--events"]],
];

/** Refuses two values of a flag where only one can be meant. Read before it is known which flags there are. */
export function refuseTwoValues(argv: readonly string[]): void {
  for (const spellings of givenOnce) {
    const [first, ...others] = valuesOf(argv, ...spellings);
    const other = others.find(({ value }) => value !== first?.value);
    if (first === undefined || other === undefined) continue;
    const both = [first, other].map(({ typed, value }) => `${typed} ${quoted(value)}`).join(" and ");
    throw new Refusal(`${both} contradict each other: give one of them`, exitCodes.usage);
  }
}
