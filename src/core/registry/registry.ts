import type { Diagnostic, Place } from "../common/diagnostic.ts";
import type { ReleaseClass } from "../common/release.ts";
import type { PlacedText } from "./registry-texts.ts";

/**
 * What the operators wrote down about namespaces and releases: the parsed, validated content of `registry.yaml`.
 * Every part keeps its place, so that whatever it decides can say which line decided.
 */
export interface Registry {
  /** As it was named to the reader; places name it the same way. */
  readonly file: string;
  /** In the file's order: the first that matches wins. */
  readonly rules: readonly Rule[];
  readonly namespaces: ReadonlyMap<string, NamespaceEntry>;
  /** What support releases provide, by the name of the release or by `namespace/name`, which beats it. */
  readonly services: ReadonlyMap<string, ProvidedEntry>;
  /** Template of the kubeconfig that deploys, with `{namespace}` and `{environment}`. */
  readonly kubeconfig?: string;
  /** Template of a kubeconfig that may read all namespaces. */
  readonly readKubeconfig?: string;
  /** Namespaces whose pods are there in a wiped cluster too. */
  readonly systemNamespaces: readonly string[];
  /** How long a Service must have been there before a container can rely on its variables. */
  readonly settleSeconds: number;
  /** How long a gate waits for what is to be there. */
  readonly gateSeconds: number;
  /** The full restore, in order. */
  readonly stages: readonly StageEntry[];
  /** The operator's log command, once at the start and once at the end of a run; `{message}` stands for the line. */
  readonly log?: readonly string[];
  /** Where all users of a host lock the environment that they deploy to; an absolute path. */
  readonly lockFolder?: string;
  /** What is probably not meant as it is written, in the order of the file; absent where there is nothing. */
  readonly warnings?: readonly Diagnostic[];
}

/** Classifies releases that no namespace entry names. All keys of `match` must hold; a key holds if a glob does. */
export interface Rule {
  readonly match: {
    /** Against the last path segment of the chart. */
    readonly chart?: readonly string[];
    readonly namespace?: readonly string[];
    readonly release?: readonly string[];
    readonly service?: readonly string[];
  };
  readonly class: ReleaseClass;
  readonly place: Place;
}

/** One namespace: the class of its releases, and their order. */
export interface NamespaceEntry {
  readonly namespace: string;
  readonly place: Place;
  /** Absent where the key is; a key with an empty list is there. */
  readonly classes: Readonly<Partial<Record<ReleaseClass, Waves>>>;
  /** An order among releases of any class; it says nothing about their class. */
  readonly sequence?: Waves;
}

/** Waves, in order. The releases of one wave may run side by side. */
export type Waves = readonly Wave[];
/** Releases that may be deployed side by side. */
export type Wave = readonly Member[];

/** The name of a member that stands for all others, also for those that come up only at run time. */
export const anyRelease = "*";

/** A release in one of the lists of a namespace. */
export interface Member {
  /** The release's name; `*` stands for every release of the namespace that no class of its entry names. */
  readonly release: string;
  /**
   * Globs of the environments in which it is required; everywhere if absent. Its class and its order are the same
   * everywhere: among `other` and in a `sequence` it limits nothing.
   */
  readonly environments?: readonly string[];
  /** Where each of `environments` is written, in their order; absent where no file was read. */
  readonly environmentPlaces?: readonly Place[];
  readonly place: Place;
}

/** What a support release provides. */
export interface ProvidedEntry {
  /** `service/NAME` of each Kubernetes Service. */
  readonly provides: readonly string[];
  readonly place: Place;
}

/** A named part of the full restore. A release goes to the first stage all of whose keys match it. */
export interface StageEntry {
  readonly name: string;
  /** Globs of `namespace/name`. */
  readonly releases?: readonly string[];
  /** Where each of `releases` is written, in their order; absent where no file was read. */
  readonly releasePlaces?: readonly Place[];
  readonly class?: ReleaseClass;
  /** Globs of services. */
  readonly services?: readonly string[];
  /** Where each of `services` is written, in their order; absent where no file was read. */
  readonly servicePlaces?: readonly Place[];
  /** `wait`: what the gate holds waits until it opens. */
  readonly gate: "wait" | "none";
  /** A command that carries the stage out instead of its steps; `{environment}` is filled in. */
  readonly run?: readonly string[];
  readonly place: Place;
}

/** A registry that says nothing: every release is `other`, and nothing has an order. */
export const emptyRegistry: Registry = {
  file: "",
  rules: [],
  namespaces: new Map(),
  services: new Map(),
  // charlie's own list.
  systemNamespaces: [
    "cert-manager",
    "default",
    "istio-system",
    "kube-node-lease",
    "kube-public",
    "kube-system",
  ],
  settleSeconds: 5,
  gateSeconds: 300,
  stages: [],
};

/** What messages call the registry: its file, where it has one. */
export function registryName({ file }: Pick<Registry, "file">): string {
  return file === "" ? "the registry" : file;
}

/** What the entry of a namespace names as of a class, in its order. */
export function membersOf(
  namespace: string,
  releaseClass: ReleaseClass,
  { namespaces }: Pick<Registry, "namespaces">,
): readonly Member[] {
  return namespaces.get(namespace)?.classes[releaseClass]?.flat() ?? [];
}

/** All members of an entry, whatever list they stand in. */
export function allMembersOf(entry: NamespaceEntry): readonly Member[] {
  return listsOf(entry).flatMap(([, members]) => members);
}

/** The members of each list of an entry, by its key: the classes, then the sequence. */
export function listsOf({
  classes,
  sequence = [],
}: NamespaceEntry): readonly (readonly [list: string, members: readonly Member[]])[] {
  const lists: readonly [string, Waves][] = [...Object.entries(classes), ["sequence", sequence]];
  return lists.map(([list, waves]) => [list, waves.flat()]);
}

/** The globs of a member's environments, each with its place. */
export function environmentsOf({ environments, environmentPlaces, place }: Member): readonly PlacedText[] {
  return placedGlobs({ globs: environments, places: environmentPlaces, holder: place });
}

/** Globs, each with its place; with that of their holder where nobody knows their own. */
export function placedGlobs({
  globs = [],
  places = [],
  holder,
}: {
  readonly globs: readonly string[] | undefined;
  readonly places: readonly Place[] | undefined;
  readonly holder: Place;
}): readonly PlacedText[] {
  return globs.map((text, at) => ({ text, place: places[at] ?? holder }));
}

/** Whether MediaWiki's releases of a namespace are named only when they are deployed. */
export function isNamedAtRunTime(namespace: string, registry: Pick<Registry, "namespaces">): boolean {
  return membersOf(namespace, "mediawiki", registry).some(({ release }) => release === anyRelease);
}
