import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { AskedHelmfile } from "../../src/core/tree/helmfile-build.ts";

/** The tree that the recordings are of. */
export const recordedTree = fileURLToPath(new URL("../../fixtures/helmfile/tree", import.meta.url));
const recordings = fileURLToPath(new URL("../../fixtures/helmfile/recorded", import.meta.url));

/** Where the tree lies in the recordings. */
export const recordedRoot = "/srv/deployment-charts/helmfile.d";

/** What was asked of helmfile: one service by `--file`, or several by a generated file. */
export const questions = {
  several: ["mw-web", "codfw-only", "eventgate-main", "linked-artifacts"],
  nested: ["eventgate-main", "miscweb", "mw-web"],
  conditions: ["toolhub", "eventgate-main"],
  "bad-name": ["bad-name", "mw-web"],
  failing: ["codfw-only", "mw-web", "broken", "toolhub"],
  absent: ["codfw-only"],
  "alone-failing": "broken",
  "alone-absent": "codfw-only",
  alone: "miscweb",
} as const satisfies Record<string, string | readonly string[]>;

export type Question = keyof typeof questions;

export interface Recording {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** Where the parts of a recording lie. */
export function recordingFiles(question: Question): { stdout: string; stderr: string; exitCode: string } {
  const folder = `${recordings}/${question}`;
  return { stdout: `${folder}/stdout.yaml`, stderr: `${folder}/stderr.txt`, exitCode: `${folder}/exit-code` };
}

/** What real helmfile answered; test/e2e/discover.test.ts holds it to what helmfile answers today. */
export function recorded(question: Question): Recording {
  const files = recordingFiles(question);
  const text = (file: string): string => (existsSync(file) ? readFileSync(file, "utf8") : "");
  return { stdout: text(files.stdout), stderr: text(files.stderr), exitCode: Number(text(files.exitCode)) };
}

/** The helmfiles of a question, as the parser is told of them. */
export function askedIn(question: Question): AskedHelmfile[] {
  return [questions[question]].flat().map((service) => ({ service, source: sourceOf(service) }));
}

export function sourceOf(service: string): string {
  return `${recordedRoot}/services/${service}/helmfile.yaml`;
}
