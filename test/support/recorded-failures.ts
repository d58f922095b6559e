import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../fixtures/failures", import.meta.url));

export const fates = ["retryable", "final"] as const;

/** What real helmfile and helm printed when they failed. */
export interface Recorded {
  readonly fate: (typeof fates)[number];
  readonly name: string;
  /** Lines about it: what was done, with which versions, what it left behind. */
  readonly header: readonly string[];
  readonly lines: readonly string[];
}

const rule = "---";

export function readRecordedFailures(): Recorded[] {
  return fates.flatMap((fate) =>
    readdirSync(join(folder, fate)).map((file): Recorded => {
      const lines = readFileSync(join(folder, fate, file), "utf8")
        .trimEnd()
        .split("\n");
      const end = lines.indexOf(rule);
      const name = file.replace(/\.txt$/, "");
      return { fate, name, header: lines.slice(0, end), lines: lines.slice(end + 1) };
    }),
  );
}

export function writeRecordedFailure({ fate, name, header, lines }: Recorded): void {
  mkdirSync(join(folder, fate), { recursive: true });
  writeFileSync(join(folder, fate, `${name}.txt`), `${[...header, rule, ...lines].join("\n").trimEnd()}\n`);
}
