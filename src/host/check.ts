import { readFile } from "node:fs/promises";
import type { RenderedEnvironment } from "../core/check/check-facts.ts";
import type { RegistryProposal } from "../core/check/registry-proposal.ts";
import { renderFindings } from "../core/check/render-findings.ts";
import { type Diagnostic, renderDiagnostics } from "../core/common/diagnostic.ts";
import type { SourceText } from "../core/common/places.ts";
import type { Tree } from "../core/common/release.ts";
import type { HookAnswer, HookRequests } from "../core/hooks/hooks.ts";
import { deriveDependencies } from "../core/manifests/derive.ts";
import type { RenderedRelease } from "../core/manifests/derived.ts";
import { madeByRelease } from "../core/manifests/made-by-release.ts";
import type { RenderedObject } from "../core/manifests/rendered-objects.ts";
import { describeFileFault } from "../io/file-fault.ts";
import { readManifests } from "../io/read-manifests.ts";
import { renderManifests } from "../io/render-manifests.ts";
import { chosenServices } from "./chosen-services.ts";
import type { CommandLineContext } from "./command-line.ts";
import { withNeighbours } from "./derive.ts";
import type { Plugin } from "./plugin-loader.ts";
import { readTrees } from "./read-trees.ts";
import { type ExitCode, exitCodes, Refusal, type Settings } from "./settings.ts";
import { tellUnreadable } from "./unreadable.ts";
import { untilInterrupted } from "./until-interrupted.ts";
import { unwrap } from "./unwrap.ts";

type CheckContext = CommandLineContext & { readonly plugin: Plugin };

/** The verb `check`: where registry, trees, charts and the deploying tool's list disagree, as the plugin finds it. */
export async function check(settings: Settings, context: CheckContext): Promise<ExitCode> {
  const { terminal, interruption, plugin } = context;
  if (settings.kubeconfig !== undefined && !settings.looksAtCluster)
    throw new Refusal("--kubeconfig is for --cluster, which is not given", exitCodes.usage);
  refuseWriting(settings, context);
  const registry = settings.writes ? plugin.registryText : undefined;
  if (registry && !settings.dryRun) {
    const { refuseUnwritable } = await import("./write-registry.ts");
    await refuseUnwritable(registry, interruption.signal);
  }
  const deployments = await untilInterrupted(readDeployments(settings.deployments), {
    what: "the deployments file",
    signal: interruption.signal,
  });
  const { trees, rendered } = await readAll(settings, context);
  if (interruption.signal.aborted) return exitCodes.interrupted;
  if (trees.every(({ services, unreadable }) => services.length === 0 && unreadable.length > 0)) {
    for (const { unreadable } of trees) tellUnreadable(terminal, unreadable);
    return exitCodes.unknown;
  }
  const { service, exclude } = settings.selection;
  const answered = await plugin.ask("tree:check", {
    version: 1,
    trees,
    rendered,
    selection: { service, exclude },
    allEnvironments: settings.environment === undefined && settings.inventory === undefined,
    ...(deployments ? { deployments } : {}),
    ...(settings.looksAtCluster ? { cluster: true } : {}),
    ...(registry ? { registry } : {}),
  });
  const { diagnostics } = answered;
  if (diagnostics.length > 0) terminal.tell(renderDiagnostics(diagnostics));
  if (diagnostics.some(({ severity }) => severity === "error")) return exitCodes.usage;
  const environments = trees.map(({ environment }) => environment);
  const shown = rendered.map(({ environment }) => environment);
  return tellAndWrite(answered, { ...context, settings, registry, environments, rendered: shown });
}

async function tellAndWrite(
  { findings, proposal }: HookAnswer<"tree:check">,
  context: CheckContext & {
    readonly settings: Settings;
    /** Where a change of it is wanted. */
    readonly registry: SourceText | undefined;
    readonly environments: readonly string[];
    readonly rendered: readonly string[];
  },
): Promise<ExitCode> {
  const { settings, terminal, interruption, registry, environments, rendered } = context;
  const change = registry && proposal ? await patchBy(registry, proposal) : undefined;
  const isForPeople = settings.output !== "json";
  const isNarrow = settings.selection.service.length > 0;
  if (isForPeople) terminal.answer(renderFindings(findings, environments, { isNarrow }));
  if (change) (isForPeople ? terminal.answer : terminal.tell)(`\n${change.rendered}`);
  tellUnseen(environments, rendered, context);
  const written = change ? await change.write({ settings, terminal, interruption }) : false;
  if (!isForPeople) {
    const told = change ? { proposal: { ...change.json, written } } : {};
    terminal.answer(JSON.stringify({ version: 1, environments, rendered, findings, ...told }));
  }
  if (interruption.signal.aborted && !written) return exitCodes.interrupted;
  const left = written ? (proposal?.left ?? []).map(({ finding }) => finding) : findings;
  return left.every(({ severity }) => severity === "hint") ? exitCodes.done : exitCodes.failed;
}

function refuseWriting({ writes, dryRun, yes }: Settings, { terminal, plugin }: CheckContext): void {
  if (!writes && (dryRun || yes))
    throw new Refusal(`--${dryRun ? "dry-run" : "yes"} is for --write, which is not given`, exitCodes.usage);
  if (!writes) return;
  if (!plugin.registryText)
    throw new Refusal(`the plugin ${plugin.name} has no registry that could be written`, exitCodes.usage);
  if (!dryRun && !yes && !terminal.interactive)
    throw new Refusal(
      "check --write asks before it writes, and there is no terminal to ask on: give --yes (or --dry_run to see the change)",
      exitCodes.usage,
    );
}

/** What shows and writes changes is loaded only for them. */
async function patchBy(registry: SourceText, proposal: RegistryProposal) {
  const { registryPatch, renderPatch, writePatch } = await import("./write-registry.ts");
  const change = registryPatch(registry, proposal);
  const { mended, left } = proposal;
  return {
    rendered: renderPatch(change),
    json: { file: registry.file, patch: change.patch, mended, left },
    write: (how: Parameters<typeof writePatch>[1]) => writePatch(change, how),
  };
}

async function readDeployments(file: string | undefined): Promise<HookRequests["tree:check"]["deployments"]> {
  if (file === undefined) return undefined;
  try {
    return { file, text: await readFile(file, "utf8") };
  } catch (error) {
    throw new Refusal(
      `the deployments file ${file} cannot be read: ${describeFileFault(error)}`,
      exitCodes.usage,
    );
  }
}

async function readAll(settings: Settings, context: CheckContext) {
  const { env, interruption } = context;
  const { signal } = interruption;
  const trees: Tree[] = [];
  const rendered: RenderedEnvironment[] = [];
  for await (const tree of readTrees(settings, { env, signal, ...onlyOne(settings) })) {
    trees.push(tree);
    const { services: selected } = chosenServices(tree, settings, context.terminal);
    const manifests = await manifestsOf(tree, { selected, settings, context });
    if (manifests) rendered.push(manifests);
    if (signal.aborted) break;
  }
  return { trees, rendered };
}

/** Manifests do not say which environment they are of, and a kubeconfig is of one cluster. */
function onlyOne({ manifests, kubeconfig }: Settings): { readonly onlyOne?: string } {
  if (manifests !== undefined) return { onlyOne: "check with --manifests" };
  return kubeconfig === undefined ? {} : { onlyOne: "check with --kubeconfig" };
}

/** An inventory has no charts: without manifests there is nothing to go by. */
async function manifestsOf(
  { environment, services: all }: Tree,
  {
    selected,
    settings,
    context,
  }: {
    readonly selected: Tree["services"];
    readonly settings: Settings;
    readonly context: CheckContext;
  },
): Promise<RenderedEnvironment | undefined> {
  const { env, interruption } = context;
  const { signal } = interruption;
  if (settings.manifests !== undefined) {
    const { releases, strays, faults } = unwrap(await readManifests(settings.manifests, { signal }));
    return summarise(environment, { releases, notRendered: [], faults: [...faults, ...strays.map(stray)] });
  }
  if (settings.inventory !== undefined) return undefined;
  const services = withNeighbours(selected, all);
  const { servicesDir } = settings;
  return summarise(
    environment,
    unwrap(await renderManifests({ services, servicesDir, environment, env, signal })),
  );
}

/** What manifests hold is no longer needed when it is known what they need: those of all releases take much memory. */
function summarise(
  environment: string,
  manifests: Pick<RenderedEnvironment, "notRendered" | "faults"> & {
    readonly releases: readonly RenderedRelease[];
  },
): RenderedEnvironment {
  const { releases, notRendered, faults } = manifests;
  return {
    environment,
    derived: deriveDependencies(releases),
    releases: releases.map(madeByRelease),
    notRendered: notRendered.map(({ release, message }) => ({ release, message })),
    faults,
  };
}

function stray({ kind, name, file, line }: RenderedObject): Diagnostic {
  return {
    severity: "warning",
    code: "stray-object",
    message: `nothing says the release or the namespace of ${kind} ${name} (${file}:${line}), which is left out`,
    remedy:
      "put it into a file NAMESPACE/RELEASE/…, or label it with its release, and name the namespace in it",
  };
}

function tellUnseen(
  environments: readonly string[],
  rendered: readonly string[],
  { terminal }: CheckContext,
): void {
  const unseen = environments.filter((name) => !rendered.includes(name));
  if (unseen.length === 0) return;
  terminal.tell(
    `note: no manifests of ${unseen.join(", ")}: what releases need of one another is not checked\n` +
      "  to do: leave out --inventory so that charts are rendered, or name rendered manifests by --manifests",
  );
}
