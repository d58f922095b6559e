import { readFile } from "node:fs/promises";
import { renderDiagnostics } from "../core/common/diagnostic.ts";
import { isEnvironmentName, type Tree } from "../core/common/release.ts";
import type { HookRequests, PreflightPair } from "../core/hooks/hooks.ts";
import { readinessOf } from "../core/preflight/preflight.ts";
import { parsePreflightRequest } from "../core/preflight/preflight-request.ts";
import { renderPreflight } from "../core/view/render-preflight.ts";
import { describeFileFault } from "../io/file-fault.ts";
import { giveUpReading } from "../io/hung-reads.ts";
import { readStandardInput } from "../io/standard-input.ts";
import type { CommandLineContext } from "./command-line.ts";
import { messageOf } from "./error-message.ts";
import type { Plugin } from "./plugin-loader.ts";
import { readTrees } from "./read-trees.ts";
import { type ExitCode, exitCodes, Refusal, type Settings } from "./settings.ts";

type PreflightContext = CommandLineContext & { readonly plugin: Plugin; readonly settings: Settings };

/** The verb `preflight`: may these releases be deployed? JSON for programs, words for people, and it never writes. */
export async function preflight(context: PreflightContext): Promise<ExitCode> {
  const { settings, terminal, plugin, interruption } = context;
  const request = await assembleRequest(context);
  const { report, diagnostics } = await plugin.ask("rollout:preflight", request);
  if (diagnostics.length > 0) terminal.tell(renderDiagnostics(diagnostics));
  if (interruption.signal.aborted) return exitCodes.interrupted;
  if (!report) {
    if (diagnostics.length > 0) return exitCodes.usage;
    throw new Refusal(`the plugin ${plugin.name} gave neither a report nor a reason`, exitCodes.usage);
  }
  const words = renderPreflight(report);
  if (settings.output === "json") {
    terminal.answer(JSON.stringify(report));
    terminal.tell(words);
  } else {
    terminal.answer(words);
  }
  return { ready: exitCodes.done, "not-ready": exitCodes.failed, unknown: exitCodes.unknown }[
    readinessOf(report)
  ];
}

async function assembleRequest(context: PreflightContext): Promise<HookRequests["rollout:preflight"]> {
  const { settings } = context;
  const time = startTime(context);
  const piped = settings.stdin ? await readRequest(context, time) : undefined;
  const environment = chooseEnvironment(settings.environment, piped?.environment);
  const given: readonly PreflightPair[] = [...settings.releases, ...(piped?.targets ?? [])];
  const deployments = settings.deployments === undefined ? undefined : await readDeployments(context, time);
  const tree = await readTree(context, environment, time);
  return {
    version: 1,
    environment,
    ...(given.length > 0 || settings.stdin ? { targets: given } : {}),
    ...(deployments ? { deployments } : {}),
    ...(tree ? { tree } : {}),
  };
}

function chooseEnvironment(flag: string | undefined, piped: string | undefined): string {
  if (flag !== undefined && piped !== undefined && flag !== piped) {
    throw new Refusal(`-e says ${flag}, and the request on standard input ${piped}`, exitCodes.usage);
  }
  const environment = flag ?? piped;
  if (environment === undefined) {
    throw new Refusal("preflight is about one environment: name it by -e", exitCodes.usage);
  }
  if (!isEnvironmentName(environment)) {
    throw new Refusal(
      `"${environment}" is not the name of an environment: letters, digits, ".", "_" and "-"`,
      exitCodes.usage,
    );
  }
  return environment;
}

async function readRequest(context: PreflightContext, time: Time) {
  const read = readStandardInput(time.signal).catch((error: unknown) => {
    throw new Refusal(`standard input cannot be read: ${messageOf(error)}`, exitCodes.usage);
  });
  const text = await inTime(read, { what: "standard input", time, context, isFile: false });
  const parsed = parsePreflightRequest({ file: "standard input", text });
  if (parsed.ok) return parsed.value;
  throw new Refusal(renderDiagnostics(parsed.failure), exitCodes.usage);
}

async function readDeployments(context: PreflightContext, time: Time) {
  const { deployments: file = "" } = context.settings;
  const read = readFile(file, "utf8").catch((error: unknown) => {
    throw new Refusal(`${file} cannot be read: ${describeFileFault(error)}`, exitCodes.usage);
  });
  return { file, text: await inTime(read, { what: file, time, context, isFile: true }) };
}

/** Only where the operator names one: from the registry alone it takes no helmfile, and a fraction of the time. */
async function readTree(
  context: PreflightContext,
  environment: string,
  time: Time,
): Promise<Tree | undefined> {
  const { settings, env } = context;
  if (settings.inventory === undefined && !settings.namesServicesDir) return undefined;
  const trees = readTrees({ ...settings, environment }, { env, signal: time.signal });
  return inTime(firstOf(trees), {
    what: "what helmfile lists",
    time,
    context,
    isFile: settings.inventory !== undefined,
  });
}

async function firstOf<Value>(values: AsyncIterable<Value>): Promise<Value | undefined> {
  for await (const value of values) return value;
  return undefined;
}

/** What bounds all that is read. */
interface Time {
  /** Aborts when the time is up, or at an interruption. */
  readonly signal: AbortSignal;
  readonly isUp: () => boolean;
}

function startTime({ settings, interruption, startedAt = 0 }: PreflightContext): Time {
  const left = startedAt + settings.timeoutSeconds * 1000 - performance.now();
  const limit = AbortSignal.timeout(Math.max(0, Math.ceil(left)));
  return { signal: AbortSignal.any([interruption.signal, limit]), isUp: () => limit.aborted };
}

/** A file may hang (a pipe that nobody writes, a file system that is away), and then reading it cannot be stopped. */
async function inTime<Value>(
  reading: Promise<Value>,
  {
    what,
    time,
    context,
    isFile,
  }: {
    readonly what: string;
    readonly time: Time;
    readonly context: PreflightContext;
    readonly isFile: boolean;
  },
): Promise<Value> {
  const { signal } = time;
  const over = new Promise<never>((_, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([reading, over]);
  } catch (error) {
    if (!signal.aborted) throw error;
    if (isFile) giveUpReading();
    const why = time.isUp() ? `within ${context.settings.timeoutSeconds} s` : "before the interruption";
    throw new Refusal(`${what} could not be read ${why}`, exitCodes.unknown);
  }
}
