import type { DerivedEvidence } from "./derived.ts";
import { objectKinds } from "./object-kind.ts";
import type { ContainerTemplate, PodTemplate } from "./pod-template.ts";
import type { PlacedObject, ProvidedObjects } from "./provided-objects.ts";
import { placeOfLine, type RenderedText } from "./rendered-text.ts";
import { type PlacedMention, placedMentionsIn, variablesSetIn } from "./variable-mention.ts";

/** A variable of a Service that a container reads and does not set itself. */
export interface NeededVariable extends PlacedMention {
  readonly evidence: DerivedEvidence;
}

/** Texts of ConfigMaps are read by several containers; each is searched once. */
export type SearchedTexts = Map<RenderedText, SearchedText>;

interface SearchedText {
  readonly mentions: readonly PlacedMention[];
  /** Variables that it sets itself. */
  readonly sets: ReadonlySet<string>;
}

/**
 * The variables that the containers of a pod read: in their own specification, and in the text of ConfigMaps that they
 * mount or take variables from.
 */
export function neededVariables(
  pod: PodTemplate,
  { owner, provided, known }: { owner: PlacedObject; provided: ProvidedObjects; known: SearchedTexts },
): NeededVariable[] {
  return pod.containers.flatMap((container) => {
    const search = { owner, container, known };
    const configured = configuredTexts(container, owner.namespace, provided);
    const own = container.texts.flatMap((text) =>
      needed(text, { ...search, of: owner }).map((one) => ({ ...one, setBefore: text.setBefore })),
    );
    const read = configured.flatMap(({ text, map }) => needed(text, { ...search, of: map }));
    // Nearly all containers.
    if (own.length + read.length === 0) return [];
    const taken = new Set(takenVariables(container, owner.namespace, provided));
    const setAt = new Map(container.variables.map((name, at) => [name, at] as const).toReversed());
    const isConfigured = (variable: string): boolean =>
      configured.some(({ text }) => searched(text, known).sets.has(variable));
    return [
      ...own.filter(
        ({ variable, setBefore }) => !taken.has(variable) && (setAt.get(variable) ?? setBefore) >= setBefore,
      ),
      ...read.filter(
        ({ variable }) => !taken.has(variable) && !setAt.has(variable) && !isConfigured(variable),
      ),
    ];
  });
}

function configuredTexts(
  { reads }: ContainerTemplate,
  namespace: string,
  provided: ProvidedObjects,
): { readonly text: RenderedText; readonly map: PlacedObject }[] {
  return reads.flatMap(({ name, keys }) =>
    provided
      .find(namespace, "ConfigMap", name)
      .flatMap((map) =>
        [...(map.object.data ?? [])].flatMap(([key, text]) =>
          text && (keys === undefined || keys.includes(key)) ? [{ text, map }] : [],
        ),
      ),
  );
}

function takenVariables(
  { envFrom }: ContainerTemplate,
  namespace: string,
  provided: ProvidedObjects,
): string[] {
  return envFrom.flatMap(({ kind, name, prefix }) =>
    provided
      .find(namespace, objectKinds[kind], name)
      .flatMap(({ object }) => [...(object.data?.keys() ?? [])].map((key) => `${prefix}${key}`)),
  );
}

function needed(
  text: RenderedText,
  {
    of,
    owner,
    container,
    known,
  }: {
    readonly of: PlacedObject;
    readonly owner: PlacedObject;
    readonly container: ContainerTemplate;
    readonly known: SearchedTexts;
  },
): NeededVariable[] {
  return searched(text, known).mentions.map((mention) => ({
    ...mention,
    evidence: {
      kind: of.object.kind,
      name: of.object.name,
      container: container.name,
      ...(of.release === owner.release ? {} : { release: of.release }),
      mention: mention.variable,
      file: of.object.file,
      ...placeOfLine(text, mention),
    },
  }));
}

function searched(text: RenderedText, known: SearchedTexts): SearchedText {
  const before = known.get(text);
  if (before) return before;
  const found = { mentions: placedMentionsIn(text.text), sets: new Set(variablesSetIn(text.text)) };
  known.set(text, found);
  return found;
}
