import { describeRun, renderRuns } from "../core/journal/run-list.ts";
import { loadRuns } from "../io/run-files.ts";
import type { Terminal } from "../io/terminal.ts";
import { type ExitCode, exitCodes, type Settings } from "./settings.ts";
import { isOfEnvironment, stateFolderOf } from "./written-runs.ts";

/** The verb `runs`: what was deployed from here, newest first, and how it ended. */
export async function listRuns(
  settings: Settings,
  { terminal, env }: { terminal: Terminal; env: Readonly<Record<string, string | undefined>> },
): Promise<ExitCode> {
  const folder = stateFolderOf(env, settings.stateDir);
  const runs = (await loadRuns(folder)).filter(({ environment }) =>
    isOfEnvironment(settings.environment, environment),
  );
  if (settings.output !== "json") {
    terminal.answer(renderRuns(runs));
    if (runs.length === 0) terminal.tell(`looked in ${folder}; a demo leaves no run behind`);
    return exitCodes.done;
  }
  const listed = runs.map((one) => {
    const { run, environment: of, file } = one;
    if ("fault" in one) return { run, environment: of, file, fault: one.fault };
    const { header, elapsedMs, complete } = one.state;
    const begun = header.time;
    const resumes = header.resumes === undefined ? {} : { resumes: header.resumes };
    const state = describeRun(one.state, one);
    return { run, environment: of, file, begun, durationMs: elapsedMs, complete, state, ...resumes };
  });
  terminal.answer(JSON.stringify({ version: 1, runs: listed }));
  return exitCodes.done;
}
