import { readFile, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { OpenCluster } from "../core/cluster/cluster-reader.ts";
import { type Diagnostic, renderDiagnostics } from "../core/common/diagnostic.ts";
import type { SourceText } from "../core/common/places.ts";
import * as z from "../core/common/zod.ts";
import {
  answerSchemas,
  type CreatePlugin,
  type HookAnswer,
  type HookName,
  type HookRequests,
  type Hooks,
} from "../core/hooks/hooks.ts";
import { type Manifest, manifestSchema } from "../core/hooks/plugin-manifest.ts";
import { describeFileFault, fileFaultCode } from "../io/file-fault.ts";
import { messageOf } from "./error-message.ts";
import { exitCodes, Refusal } from "./settings.ts";
import { untilInterrupted } from "./until-interrupted.ts";

/** How long a plugin may think about a hook, in seconds, unless its manifest says otherwise. */
const defaultLimit = 30;

/** A plugin as the host uses it: what it adds, and the one way to ask it. */
export interface Plugin {
  readonly name: string;
  /** What it was made with; absent where it has none. */
  readonly registryText?: SourceText;
  readonly answers: (hook: HookName) => boolean;
  /** Throws a `Refusal` that names plugin and hook if it throws, hangs or answers nonsense. */
  readonly ask: <Name extends HookName>(hook: Name, request: HookRequests[Name]) => Promise<HookAnswer<Name>>;
}

/** A plugin that did not do what it must: it did not end in time (`late`), or it threw or answered nonsense (`faulty`). */
export class PluginRefusal extends Refusal {
  readonly kind: "late" | "faulty";

  constructor(message: string, kind: "late" | "faulty") {
    super(message, exitCodes.usage);
    this.kind = kind;
  }
}

/** A manifest and where it stands. */
export interface FoundManifest {
  readonly manifest: Manifest;
  readonly folder: string;
}

/**
 * Reads and checks a `plugin.json`; the path names it, or its folder.
 *
 * @param begunWith the run that was begun with this plugin, where nobody has typed it now
 */
export async function loadManifest(path: string, begunWith?: string): Promise<FoundManifest> {
  const file = (await isFolder(path)) ? join(path, "plugin.json") : path;
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    const why = fileFaultCode(error) === undefined ? messageOf(error) : describeFileFault(error);
    const fault = `the plugin's manifest ${file} cannot be read: ${why}`;
    throw new Refusal(`${fault}${tellBegunWith(begunWith, "--plugin")}`, exitCodes.usage);
  }
  const parsed = z.safeParse(manifestSchema, content);
  if (!parsed.success) {
    throw new Refusal(
      `the plugin's manifest ${file} is not valid:\n${z.prettifyError(parsed.error)}${tellBegunWith(begunWith, "--plugin")}`,
      exitCodes.usage,
    );
  }
  return { manifest: parsed.data, folder: dirname(resolve(file)) };
}

/** Loads the plugin's code and makes it, with the registry if it has one. */
export async function loadPlugin(
  { manifest, folder }: FoundManifest,
  context: {
    readonly registry: string | undefined;
    /** The run that was begun with this registry, where nobody has typed it now. */
    readonly registryOf?: string | undefined;
    readonly signal: AbortSignal;
    readonly tell: (text: string) => void;
    readonly openCluster: OpenCluster;
    /** How long it may think, instead of what its manifest says. */
    readonly seconds?: number;
  },
): Promise<Plugin> {
  const { signal, tell, openCluster } = context;
  const reading = readRegistryText(manifest, folder, context);
  const registry = await untilInterrupted(reading, { what: "the registry", signal });
  const setup = { ...(registry ? { registry } : {}), openCluster };
  const limits = {
    plugin: manifest.name,
    what: "its start",
    seconds: context.seconds ?? defaultLimit,
    signal,
  };
  const create = await bounded(() => importEntry(manifest, folder), limits);
  const { hooks, diagnostics } = await bounded(
    async () => checkInstance(await create(setup), manifest.name),
    limits,
  );
  if (diagnostics.some(({ severity }) => severity === "error")) {
    throw new Refusal(renderDiagnostics(diagnostics), exitCodes.usage);
  }
  if (diagnostics.length > 0) tell(`${renderDiagnostics(diagnostics)}\n`);
  checkHooks(hooks, manifest);
  const wrapped = wrapHooks({
    signal,
    name: manifest.name,
    hooks,
    seconds: (hook) => context.seconds ?? hookLimit(manifest, hook),
  });
  return { ...wrapped, ...(registry ? { registryText: registry } : {}) };
}

/** How long the host waits for an answer, in seconds. */
export function hookLimit(manifest: Manifest, hook: HookName): number {
  return manifest.hooks[hook]?.timeoutSeconds ?? defaultLimit;
}

/** The hooks of a plugin behind the host's guard: limits of time, and no answer believed unseen. */
export function wrapHooks(plugin: {
  readonly name: string;
  readonly hooks: Hooks;
  readonly seconds: (hook: HookName) => number;
  /** Aborted while a hook is asked: its answer is not waited for. */
  readonly signal: AbortSignal;
}): Plugin {
  return {
    name: plugin.name,
    answers: (hook) => plugin.hooks[hook] !== undefined,
    ask: async (hook, request) => {
      const answer = plugin.hooks[hook];
      if (!answer)
        throw new Refusal(`the plugin ${plugin.name} does not answer the hook ${hook}`, exitCodes.usage);
      const what = `the hook ${hook}`;
      // A copy, as other hosts give it: what it sorts or cuts there is not what is listed, planned and deployed.
      const asked = structuredClone(request);
      // To read an answer may run the plugin's code, too: that of a getter.
      const checked = await bounded(
        async () => z.safeParse(answerSchemas[hook], await answer.call(plugin.hooks, asked)),
        { plugin: plugin.name, what, seconds: plugin.seconds(hook), signal: plugin.signal },
      );
      if (checked.success) return checked.data as HookAnswer<typeof hook>;
      const fault = z.prettifyError(checked.error);
      throw new PluginRefusal(
        `the plugin ${plugin.name} gave no valid answer to ${what}:\n${fault}`,
        "faulty",
      );
    },
  };
}

async function bounded<Value>(
  work: () => Promise<Value>,
  limits: {
    readonly plugin: string;
    readonly what: string;
    readonly seconds: number;
    readonly signal: AbortSignal;
  },
): Promise<Value> {
  const { plugin, what, seconds, signal } = limits;
  const ended = new AbortController();
  const given = new Promise<never>((_, reject) => {
    const described = `the plugin ${plugin} did not end ${what}`;
    const giveUp = () =>
      reject(new PluginRefusal(`${described} within ${Number(seconds.toPrecision(3))} s`, "late"));
    const timer = setTimeout(giveUp, seconds * 1000);
    ended.signal.addEventListener("abort", () => clearTimeout(timer));
    const interrupt = () =>
      reject(new Refusal(`${described} before the interruption`, exitCodes.interrupted));
    signal.addEventListener("abort", interrupt, { once: true, signal: ended.signal });
  });
  try {
    return await Promise.race([work(), given]);
  } catch (error) {
    if (isRefusal(error)) throw error;
    throw new PluginRefusal(`the plugin ${plugin} failed in ${what}: ${messageOf(error)}`, "faulty");
  } finally {
    ended.abort();
  }
}

/** What a plugin throws may throw itself when it is looked at. */
function isRefusal(error: unknown): boolean {
  try {
    return error instanceof Refusal;
  } catch {
    return false;
  }
}

async function readRegistryText(
  manifest: Manifest,
  folder: string,
  {
    registry: asked,
    registryOf,
  }: { readonly registry: string | undefined; readonly registryOf?: string | undefined },
): Promise<SourceText | undefined> {
  if (asked === undefined && manifest.registry === undefined) return undefined;
  if (asked !== undefined && manifest.registry === undefined) {
    throw new Refusal(`the plugin ${manifest.name} has no registry: leave --registry out`, exitCodes.usage);
  }
  const file = asked ?? join(folder, manifest.registry ?? "");
  try {
    return { file, text: await readFile(file, "utf8") };
  } catch (error) {
    const fault = `the registry ${file} cannot be read: ${describeFileFault(error)}`;
    throw new Refusal(`${fault}${tellBegunWith(registryOf, "--registry")}`, exitCodes.usage);
  }
}

/** A path that nobody has typed needs to be told where it comes from. */
function tellBegunWith(run: string | undefined, flag: "--plugin" | "--registry"): string {
  if (run === undefined) return "";
  return `\n  the run ${run} was begun with it\n  to do: name another by ${flag}, or another run by --resume`;
}

async function importEntry(manifest: Manifest, folder: string): Promise<CreatePlugin> {
  const file = join(folder, manifest.entry);
  let module: unknown;
  try {
    module = await import(pathToFileURL(file).href);
  } catch (error) {
    throw new Refusal(
      `the plugin ${manifest.name} cannot be loaded from ${file}: ${messageOf(error)}`,
      exitCodes.usage,
    );
  }
  if (typeof module === "object" && module !== null && "default" in module && isFunction(module.default)) {
    return module.default as CreatePlugin;
  }
  throw new Refusal(
    `the plugin ${manifest.name} has no function as default export of ${file}`,
    exitCodes.usage,
  );
}

function checkInstance(
  made: unknown,
  plugin: string,
): { readonly hooks: Hooks; readonly diagnostics: readonly Diagnostic[] } {
  const isObject = typeof made === "object" && made !== null && "hooks" in made;
  if (!isObject || typeof made.hooks !== "object" || made.hooks === null) {
    throw new Refusal(`the plugin ${plugin} made no object with hooks`, exitCodes.usage);
  }
  const checked = z.safeParse(
    z.optional(answerSchemas["releases:classify"].shape.diagnostics),
    "diagnostics" in made ? made.diagnostics : undefined,
  );
  if (!checked.success) {
    throw new Refusal(
      `the plugin ${plugin} told faults in no valid form:\n${z.prettifyError(checked.error)}`,
      exitCodes.usage,
    );
  }
  return { hooks: made.hooks as Hooks, diagnostics: checked.data ?? [] };
}

function checkHooks(hooks: Hooks, manifest: Manifest): void {
  const given = Object.keys(hooks);
  const declared = Object.keys(manifest.hooks);
  const missing = declared.filter((name) => !isFunction(hooks[name as HookName]));
  const undeclared = given.filter((name) => !declared.includes(name));
  if (missing.length > 0) {
    throw new Refusal(
      `the plugin ${manifest.name} does not answer ${missing.join(", ")}, which its manifest names`,
      exitCodes.usage,
    );
  }
  if (undeclared.length > 0) {
    throw new Refusal(
      `the plugin ${manifest.name} answers ${undeclared.join(", ")}, which its manifest does not name`,
      exitCodes.usage,
    );
  }
}

function isFunction(value: unknown): boolean {
  return typeof value === "function";
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
