import { renderDiagnostics } from "../core/diagnostic.ts";
import type { HookRequests, PreflightPair } from "../core/hooks.ts";
import { exitCodeOf } from "../core/preflight.ts";
import { parsePreflightRequest } from "../core/preflight-request.ts";
import { isEnvironmentName, type Tree } from "../core/release.ts";
import { renderPreflight } from "../core/render-preflight.ts";
import { describeFileFault } from "../io/file-fault.ts";
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
    exitCodeOf(report)
  ];
}

async function assembleRequest(context: PreflightContext): Promise<HookRequests["rollout:preflight"]> {
  const { settings } = context;
  const piped = settings.stdin ? await readRequest(settings) : undefined;
  const environment = chooseEnvironment(settings.environment, piped?.environment);
  const given: readonly PreflightPair[] = [...settings.releases, ...(piped?.targets ?? [])];
  const deployments = settings.deployments === undefined ? undefined : await readDeployments(settings);
  const tree = await readTree(context, environment);
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

async function readRequest({ timeoutSeconds }: Settings) {
  const text = await readStandardInput({ limitMs: timeoutSeconds * 1000 }).catch((error: unknown) => {
    throw new Refusal(`standard input cannot be read: ${messageOf(error)}`, exitCodes.usage);
  });
  const parsed = parsePreflightRequest({ file: "standard input", text });
  if (parsed.ok) return parsed.value;
  throw new Refusal(renderDiagnostics(parsed.failure), exitCodes.usage);
}

async function readDeployments({ deployments: file = "" }: Settings) {
  const { readFile } = await import("node:fs/promises");
  try {
    return { file, text: await readFile(file, "utf8") };
  } catch (error) {
    throw new Refusal(`${file} cannot be read: ${describeFileFault(error)}`, exitCodes.usage);
  }
}

/** Only where the operator names one: from the registry alone it takes no helmfile, and a fraction of the time. */
async function readTree(context: PreflightContext, environment: string): Promise<Tree | undefined> {
  const { settings, env, interruption, startedAt = 0 } = context;
  if (settings.inventory === undefined && !settings.namesServicesDir) return undefined;
  const left = startedAt + settings.timeoutSeconds * 1000 - performance.now();
  const timeIsUp = AbortSignal.timeout(Math.max(0, Math.ceil(left)));
  const signal = AbortSignal.any([interruption.signal, timeIsUp]);
  try {
    for await (const tree of readTrees({ ...settings, environment }, { env, signal })) return tree;
  } catch (error) {
    if (!timeIsUp.aborted) throw error;
    const limit = `${settings.timeoutSeconds} s`;
    throw new Refusal(`what helmfile lists could not be read within ${limit}`, exitCodes.unknown);
  }
  return undefined;
}
