import { plainLine } from "../core/common/plain-line.ts";
import { readWithHelmfile } from "./helmfile.ts";

/** They need a tenth of that. What is slower today is not waited for: nothing depends on the answer. */
const limit = 2_000;

/** How each of the programs that deploy says its version. */
const questions: readonly (readonly [program: string, ...args: string[]])[] = [
  ["helmfile", "version", "-o", "short"],
  ["helm", "version", "--short"],
];

/** The versions of helmfile and helm, by name. One that does not say it soon is left out. Never throws. */
export async function toolVersions(
  env: Readonly<Record<string, string | undefined>>,
  limitMs = limit,
): Promise<Readonly<Record<string, string>>> {
  const answers = await Promise.all(
    questions.map(async ([program, ...args]) => {
      const asked = readWithHelmfile({ program, args, env, limitMs, maxOutput: 64 * 1024 });
      // It throws where nothing can be started at all, as where the current folder has gone.
      const answer = await asked.catch(() => undefined);
      const version =
        answer?.kind === "exited" && answer.exitCode === 0 ? versionIn(answer.stdout) : undefined;
      return version === undefined ? [] : [[program, version] as const];
    }),
  );
  return Object.fromEntries(answers.flat());
}

/** `v1.7.4`, `v3.19.0+g3d8990f`; undefined where the text says something else. */
function versionIn(text: string): string | undefined {
  const line = plainLine(text.trim(), 60);
  return /^v?\d+\.\d+/.test(line) ? line : undefined;
}
