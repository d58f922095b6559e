import { createHash } from "node:crypto";
import { hostname } from "node:os";
import { basename, resolve } from "node:path";
import { renderDiagnostics } from "../core/common/diagnostic.ts";
import { nearest } from "../core/common/nearest.ts";
import type { SourceText } from "../core/common/places.ts";
import { type SalvagedJournal, salvageJournal } from "../core/journal/parse-journal.ts";
import { parseRunName } from "../core/journal/run-name.ts";
import { assembleRunReport } from "../core/report/assemble-run-report.ts";
import { renderRunReport } from "../core/report/render-run-report.ts";
import { renderRunReportMarkdown } from "../core/report/render-run-report-markdown.ts";
import { renderRunReportPage } from "../core/report/render-run-report-page.ts";
import type { RunReport } from "../core/report/run-report.ts";
import type { RunLife } from "../core/report/run-standing.ts";
import { describeFileFault } from "../io/file-fault.ts";
import { isAlive } from "../io/process-identity.ts";
import { readJournalFile, readRun, runNames } from "../io/run-files.ts";
import { stateFolderPlace } from "../io/state-folder.ts";
import type { DeployContext } from "./deploy-context.ts";
import { type ExitCode, exitCodes, Refusal, type Settings } from "./settings.ts";
import { untilInterrupted } from "./until-interrupted.ts";
import { isOfEnvironment } from "./written-runs.ts";

/** The verb `report`: what happened in a run, from its journal alone. */
export async function report(
  settings: Settings,
  { terminal, env, interruption }: Pick<DeployContext, "terminal" | "env" | "interruption">,
): Promise<ExitCode> {
  const reading = findJournal(settings, stateFolderPlace(env, settings.stateDir));
  const { signal } = interruption;
  const source = await untilInterrupted(reading, { what: "the journal", signal });
  const salvaged = salvageJournal(source);
  const run = basename(source.file).replace(/\.ndjson$/, "");
  const assembled = assembleRunReport(salvaged, { run, file: source.file, life: lifeOf(salvaged) });
  terminal.answer(rendered(assembled, settings.output));
  if (salvaged.faults.length > 0) terminal.tell(renderDiagnostics(salvaged.faults.slice(0, 5)));
  return assembled.standing === "unreadable" ? exitCodes.unknown : exitCodes.done;
}

function rendered(assembled: RunReport, output: Settings["output"]): string {
  switch (output) {
    case "json":
      return JSON.stringify(assembled);
    case "html":
      return renderRunReportPage(assembled, { sha256 });
    case "markdown":
      return renderRunReportMarkdown(assembled);
    default:
      return renderRunReport(assembled);
  }
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}

/** Whether the process of a run lives is known only on the host where it was begun. */
function lifeOf({ header }: SalvagedJournal): RunLife {
  if (!header || header.host !== hostname()) return "unknown";
  return isAlive(header) ? "alive" : "gone";
}

async function findJournal({ subject, environment }: Settings, folder: string): Promise<SourceText> {
  const run = subject === undefined ? newestOf(environment, folder) : runNamed(subject, folder);
  const source = await (run === undefined ? readJournalFile(resolve(subject ?? "")) : readRun(folder, run));
  if (!source.ok) throw new Refusal(renderDiagnostics(source.failure), exitCodes.usage);
  return source.value;
}

function newestOf(environment: string | undefined, folder: string): string {
  const newest = namesIn(folder).find((run) =>
    isOfEnvironment(environment, parseRunName(run)?.environment ?? ""),
  );
  if (newest !== undefined) return newest;
  const which = environment === undefined ? "" : ` of ${environment}`;
  throw new Refusal(`no run${which} is written down here (${folder})`, exitCodes.usage);
}

/** A run that is listed; undefined for what is a file: a name never leads to another folder. */
function runNamed(word: string, folder: string): string | undefined {
  const runs = namesIn(folder);
  if (runs.includes(word)) return word;
  if (parseRunName(word) === undefined) return undefined;
  const guess = nearest(word, runs);
  const hint = guess === undefined ? "the verb runs lists them" : `did you mean ${guess}?`;
  throw new Refusal(`there is no run ${word} here (${folder}): ${hint}`, exitCodes.usage);
}

function namesIn(folder: string): readonly string[] {
  try {
    return runNames(folder);
  } catch (error) {
    throw new Refusal(`the runs of ${folder} cannot be listed: ${describeFileFault(error)}`, exitCodes.usage);
  }
}
