import { type Diagnostic, renderDiagnostics } from "../core/common/diagnostic.ts";
import type { Service, Tree } from "../core/common/release.ts";
import { firstOf } from "../core/common/words.ts";
import { deriveDependencies } from "../core/manifests/derive.ts";
import type { Derived, RenderedRelease } from "../core/manifests/derived.ts";
import { doubtfulNeeds } from "../core/manifests/doubtful-needs.ts";
import { renderDerived } from "../core/manifests/render-derived.ts";
import type { RenderedObject } from "../core/manifests/rendered-objects.ts";
import { readManifests } from "../io/read-manifests.ts";
import { type NotRendered, renderManifests } from "../io/render-manifests.ts";
import { chosenServices } from "./chosen-services.ts";
import type { CommandLineContext } from "./command-line.ts";
import { readTrees } from "./read-trees.ts";
import { type ExitCode, exitCodes, Refusal, type Settings } from "./settings.ts";
import { tellUnreadable } from "./unreadable.ts";
import { unwrap } from "./unwrap.ts";

/** What there was to derive from. */
interface Source {
  readonly environment?: string;
  readonly releases: readonly RenderedRelease[];
  /** Only what these need is told; absent: all of them. */
  readonly asked?: ReadonlySet<string>;
  readonly notRendered: readonly NotRendered[];
  readonly unreadable: Tree["unreadable"];
  readonly strays: readonly RenderedObject[];
  readonly faults: readonly Diagnostic[];
}

/** The verb `derive`: what releases need of one another, as their rendered manifests show it. */
export async function derive(settings: Settings, context: CommandLineContext): Promise<ExitCode> {
  const { terminal, interruption } = context;
  const source =
    settings.manifests === undefined
      ? await renderServices(settings, context)
      : await readRendered(settings.manifests, settings, context);
  if (interruption.signal.aborted) return exitCodes.interrupted;
  const derived = onlyOf(source.asked, deriveDependencies(source.releases));
  tellFaults(source, derived, context);
  const left = source.notRendered.length + source.unreadable.length + source.faults.length;
  const isNothing = source.releases.length === 0 && (left > 0 || settings.manifests !== undefined);
  if (settings.output === "json") terminal.answer(JSON.stringify(toJson(source, derived)));
  else if (!isNothing) terminal.answer(renderDerived(derived));
  if (isNothing) {
    terminal.tell("there is nothing to derive from: no manifest of a release could be read");
    return exitCodes.unknown;
  }
  return left > 0 ? exitCodes.failed : exitCodes.done;
}

async function readRendered(
  from: string,
  { selection, inventory, environment }: Settings,
  { interruption }: CommandLineContext,
): Promise<Source> {
  if (selection.service.length + selection.exclude.length > 0 || inventory !== undefined) {
    throw new Refusal(
      "--manifests takes all that is there: --service, --exclude and --inventory choose what is rendered",
      exitCodes.usage,
    );
  }
  const read = unwrap(await readManifests(from, { signal: interruption.signal }));
  return { ...read, ...(environment === undefined ? {} : { environment }), notRendered: [], unreadable: [] };
}

async function renderServices(settings: Settings, context: CommandLineContext): Promise<Source> {
  const { env, interruption } = context;
  const trees = readTrees(settings, { env, signal: interruption.signal, onlyOne: settings.verb });
  for await (const tree of trees) return renderTree(tree, settings, context);
  return { releases: [], notRendered: [], unreadable: [], strays: [], faults: [] };
}

async function renderTree(tree: Tree, settings: Settings, context: CommandLineContext): Promise<Source> {
  const { env, interruption, terminal } = context;
  const { services: selected, unreadable } = chosenServices(tree, settings, terminal);
  const { servicesDir } = settings;
  const rendered = unwrap(
    await renderManifests({
      services: withNeighbours(selected, tree.services),
      servicesDir,
      environment: tree.environment,
      env,
      signal: interruption.signal,
    }),
  );
  return {
    ...rendered,
    environment: tree.environment,
    asked: new Set(selected.flatMap(({ releases }) => releases.map(({ id }) => id))),
    unreadable,
    strays: [],
  };
}

/** What releases need is mostly made by another one of their namespace, which may be of another service. */
export function withNeighbours(selected: readonly Service[], all: readonly Service[]): readonly Service[] {
  const namespacesOf = ({ releases }: Service) => releases.map(({ namespace }) => namespace);
  const namespaces = new Set(selected.flatMap(namespacesOf));
  return all.filter(
    (service) => selected.includes(service) || namespacesOf(service).some((name) => namespaces.has(name)),
  );
}

function onlyOf(asked: Source["asked"], derived: Derived): Derived {
  if (asked === undefined) return derived;
  return {
    edges: derived.edges.filter(({ from }) => asked.has(from)),
    unprovided: derived.unprovided.filter(({ release }) => asked.has(release)),
    notMade: derived.notMade.filter(({ release }) => asked.has(release)),
    faults: derived.faults.filter(({ release }) => asked.has(release)),
  };
}

function tellFaults(source: Source, derived: Derived, { terminal }: CommandLineContext): void {
  const { faults, strays, notRendered, unreadable } = source;
  const all = [...faults, ...derived.faults];
  if (all.length > 0) terminal.tell(renderDiagnostics(all));
  tellUnreadable(terminal, unreadable);
  for (const { release, message } of notRendered)
    terminal.tell(`warning: ${release} could not be rendered: ${message}`);
  if (strays.length > 0) {
    const names = strays.map(({ kind, name, file, line }) => `${kind} ${name} (${file}:${line})`);
    terminal.tell(
      `warning: left out, because nothing says their release or its namespace: ${firstOf(names, 8)}\n` +
        "  to do: put them into files NAMESPACE/RELEASE/…, or label them with their release, and name the namespace",
    );
  }
  const doubtful = doubtfulNeeds(
    derived,
    notRendered.map(({ release }) => release),
  );
  if (doubtful.length > 0)
    terminal.tell(`warning: what could not be rendered may provide ${firstOf(doubtful, 8)}`);
}

function toJson({ environment, notRendered, unreadable, strays, faults }: Source, derived: Derived) {
  return {
    version: 1,
    ...(environment === undefined ? {} : { environment }),
    edges: derived.edges,
    unprovided: derived.unprovided,
    notMade: derived.notMade,
    faults: [...derived.faults, ...faults],
    notRendered,
    unreadable,
    strays: strays.map(({ kind, name, file, line }) => ({ kind, name, file, line })),
  };
}
