import { renderDiagnostics } from "../core/common/diagnostic.ts";
import { nearest } from "../core/common/nearest.ts";
import { parseHookRequest } from "../core/hooks/hook-request.ts";
import {
  answerSchemas,
  type HookAnswer,
  type HookName,
  type HookRequests,
  isHookName,
} from "../core/hooks/hooks.ts";
import type { Manifest } from "../core/hooks/plugin-manifest.ts";
import { reserveOutput } from "../io/reserved-output.ts";
import { readStandardInput } from "../io/standard-input.ts";
import { refuseFaultyPlan } from "./ask-for-plan.ts";
import type { CommandLineContext } from "./command-line.ts";
import { messageOf } from "./error-message.ts";
import { hookLimit, type Plugin, PluginRefusal } from "./plugin-loader.ts";
import { type ExitCode, exitCodes, Refusal, type Settings } from "./settings.ts";

/** In bytes: some hundred times what the largest cluster of today makes of it. */
const longestRequest = 64 * 1024 * 1024;

type HookContext = CommandLineContext & {
  /** With the time limit in force. */
  readonly settings: Settings;
  readonly makePlugin: (needs: {
    readonly looksAtCluster: boolean;
    /** How long the plugin may think. */
    readonly seconds: number;
  }) => Promise<Plugin>;
  readonly found: { readonly manifest: Manifest } | undefined;
};

/** The hook that was asked for, and how long all of it may take. */
export function chooseHook(
  { subject: name = "", timeoutSeconds, namesTimeout }: Settings,
  manifest: Manifest | undefined,
): { readonly hook: HookName; readonly seconds: number } {
  const known = Object.keys(answerSchemas);
  if (!isHookName(name)) {
    const guess = nearest(name, known);
    const hint = guess === undefined ? `the hooks are ${known.join(", ")}` : `did you mean ${guess}?`;
    throw new Refusal(`unknown hook "${name}": ${hint}`, exitCodes.usage);
  }
  if (!manifest) throw new Refusal("a hook is for a plugin, and --no-plugin loads none", exitCodes.usage);
  if (manifest.hooks[name] === undefined) {
    const answered = Object.keys(manifest.hooks).join(", ");
    const message = `the plugin ${manifest.name} does not answer the hook ${name}; it answers ${answered}`;
    throw new Refusal(message, exitCodes.usage);
  }
  return { hook: name, seconds: namesTimeout ? timeoutSeconds : hookLimit(manifest, name) };
}

/**
 * The verb `hook`: hands a request of another program to the plugin, and writes its answer. Standard output holds exactly
 * one line, the answer, or nothing; the exit code tells which.
 */
export async function answerHook<Name extends HookName>(hook: Name, context: HookContext): Promise<ExitCode> {
  const { terminal, interruption } = context;
  const output = reserveOutput();
  try {
    const request = await readRequest(hook, context);
    refuseUnknownFlags(request, context.found?.manifest);
    const plugin = await context.makePlugin({
      looksAtCluster: looksAtCluster(hook, request),
      seconds: secondsLeft(context),
    });
    const answer = await plugin.ask(hook, request);
    refuseUselessAnswer(hook, { request, answer, plugin });
    if (interruption.signal.aborted) return exitCodes.interrupted;
    if ("diagnostics" in answer && answer.diagnostics.length > 0)
      terminal.tell(renderDiagnostics(answer.diagnostics));
    output.answer(() => terminal.answer(JSON.stringify(answer)));
    return exitCodes.done;
  } catch (error) {
    if (!(error instanceof PluginRefusal)) throw error;
    throw new Refusal(error.message, error.kind === "late" ? exitCodes.unknown : exitCodes.failed);
  } finally {
    output.end();
  }
}

async function readRequest<Name extends HookName>(
  hook: Name,
  context: HookContext,
): Promise<HookRequests[Name]> {
  const { settings, interruption } = context;
  const limit = AbortSignal.timeout(Math.ceil(secondsLeft(context) * 1000));
  const signal = AbortSignal.any([interruption.signal, limit]);
  const what = "the request on standard input";
  const reading = readStandardInput(signal, { longest: longestRequest, mustBeUtf8: true });
  const text = await reading.catch((error: unknown) => {
    if (interruption.signal.aborted)
      throw new Refusal(`${what} had not ended before the interruption`, exitCodes.interrupted);
    if (limit.aborted)
      throw new Refusal(`${what} did not end within ${settings.timeoutSeconds} s`, exitCodes.unknown);
    throw new Refusal(`${what} cannot be read: ${messageOf(error)}`, exitCodes.usage);
  });
  const parsed = parseHookRequest(hook, { file: "standard input", text });
  if (parsed.ok) return parsed.value;
  throw new Refusal(renderDiagnostics(parsed.failure), exitCodes.usage);
}

/** What looks at a cluster costs time to load. These hooks are asked for it by nobody, unless by `--kubeconfig`. */
function looksAtCluster(hook: HookName, request: HookRequests[HookName]): boolean {
  if (hook === "tree:check") return "cluster" in request && request.cluster === true;
  return hook !== "releases:classify" && hook !== "rollout:plan";
}

/** A flag that is mistyped would be none: everything would be deployed, and not only what was meant. */
function refuseUnknownFlags(request: HookRequests[HookName], manifest: Manifest | undefined): void {
  if (!("flags" in request)) return;
  const known = (manifest?.flags ?? []).map(({ name }) => name);
  for (const flag of Object.keys(request.flags)) {
    if (known.includes(flag)) continue;
    const guess = nearest(flag, known);
    const others = known.length === 0 ? "it has none" : `its flags are ${known.join(", ")}`;
    const hint = guess === undefined ? others : `did you mean "${guess}"?`;
    throw new Refusal(`the request's flags.${flag} is no flag of the plugin: ${hint}`, exitCodes.usage);
  }
}

/** An answer whose form is right, and with which no host can do anything. */
function refuseUselessAnswer(
  hook: HookName,
  {
    request,
    answer,
    plugin,
  }: {
    readonly request: HookRequests[HookName];
    readonly answer: HookAnswer<HookName>;
    readonly plugin: Plugin;
  },
): void {
  const promised: Partial<Record<HookName, string>> = {
    "rollout:plan": "plan",
    "rollout:preflight": "report",
  };
  const key = promised[hook];
  const hasReason = "diagnostics" in answer && answer.diagnostics.length > 0;
  if (key !== undefined && !(key in answer) && !hasReason)
    throw new PluginRefusal(`the plugin ${plugin.name} gave neither a ${key} nor a reason`, "faulty");
  if ("plan" in answer && answer.plan && "tree" in request && "mode" in request)
    refuseFaultyPlan(answer.plan, { environment: request.tree.environment, mode: request.mode }, plugin);
}

/** Never less than what a timer can wait. */
function secondsLeft({ settings, startedAt = 0 }: HookContext): number {
  return Math.max(1, startedAt + settings.timeoutSeconds * 1000 - performance.now()) / 1000;
}
