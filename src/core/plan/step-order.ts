import type { Diagnostic, Place } from "../common/diagnostic.ts";
import { type Edge, reach } from "../common/graph.ts";
import { appendTo } from "../common/grouped-by.ts";
import type { Release, ReleaseClass, ReleaseId } from "../common/release.ts";
import type { ClassifiedRelease } from "../registry/classify.ts";
import {
  anyRelease,
  type Member,
  type NamespaceEntry,
  type Registry,
  type Waves,
} from "../registry/registry.ts";
import type { StepDraft } from "./step-drafts.ts";

/** A reason for one step to wait for another. */
export interface OrderEdge extends Edge {
  readonly why: string;
  readonly place?: Place;
}

export interface StepOrder {
  readonly edges: readonly OrderEdge[];
  /** By namespace: the steps of its support releases, and the MediaWiki steps that wait for them directly. */
  readonly supported: ReadonlyMap<
    string,
    { readonly support: readonly number[]; readonly mediawiki: readonly number[] }
  >;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Finds what puts one step before another: support before MediaWiki in each namespace, the registry's sequences, and
 * `needs` between releases of a service that was split (with a selector helmfile skips them).
 */
export function findStepOrder(
  drafts: readonly StepDraft[],
  context: {
    readonly registry: Registry;
    /** Why a release is not deployed, by its id. */
    readonly excluded: ReadonlyMap<string, string>;
  },
): StepOrder {
  const edges: OrderEdge[] = [];
  const supported = new Map<string, { support: number[]; mediawiki: number[] }>();
  for (const [namespace, members] of byNamespace(drafts)) {
    const entry = context.registry.namespaces.get(namespace);
    const chains = chainClasses(members, entry);
    edges.push(...chains.edges);
    if (chains.support.length > 0 && chains.mediawiki.length > 0) {
      supported.set(namespace, { support: chains.support, mediawiki: chains.mediawiki });
    }
    if (entry?.sequence) {
      const waves = chooseWaves(entry.sequence, members);
      edges.push(...chainWaves(waves, `the sequence of ${namespace}`));
    }
  }
  const needs = orderByNeeds(drafts, context);
  return { edges: [...edges, ...needs.edges], supported, diagnostics: needs.diagnostics };
}

interface PlannedRelease {
  readonly name: string;
  readonly class: ClassifiedRelease["class"];
  readonly step: number;
}

/** A step, and the place of the member that took the release for which it is there; absent where none did. */
interface ChosenStep {
  readonly step: number;
  readonly place?: Place;
}

type ChosenWave = readonly ChosenStep[];

function byNamespace(drafts: readonly StepDraft[]): Map<string, PlannedRelease[]> {
  const namespaces = new Map<string, PlannedRelease[]>();
  drafts.forEach((draft, step) => {
    for (const { release, class: releaseClass } of draft.releases) {
      // Releases without a namespace share nothing that is known here.
      if (release.namespace === "") continue;
      appendTo(namespaces, release.namespace, { name: release.name, class: releaseClass, step });
    }
  });
  return namespaces;
}

/** Support waves one after the other, then MediaWiki's. What no list names has no order within its class. */
function chainClasses(
  members: readonly PlannedRelease[],
  entry: NamespaceEntry | undefined,
): { edges: OrderEdge[]; support: number[]; mediawiki: number[] } {
  const support = chooseClass(members, "support", entry);
  const mediawiki = chooseClass(members, "mediawiki", entry);
  const other = chooseClass(members, "other", entry);
  const edges = [
    ...chainWaves(other.waves, "the sequence of the other releases"),
    ...chainWaves(support.waves, "the sequence of the support releases"),
    ...chainWaves(mediawiki.waves, "the sequence of the MediaWiki releases"),
  ];
  const allSupport = [...support.waves.flat(), ...support.unnamed];
  const firstMediawiki = [...(mediawiki.waves[0] ?? []), ...mediawiki.unnamed].map(({ step }) => step);
  for (const { step: first, place } of allSupport) {
    const why = "MediaWiki waits for the support releases of its namespace";
    for (const second of firstMediawiki) edges.push({ first, second, why, ...(place && { place }) });
  }
  return { edges, support: allSupport.map(({ step }) => step), mediawiki: firstMediawiki };
}

function chooseClass(
  members: readonly PlannedRelease[],
  releaseClass: ReleaseClass,
  entry: NamespaceEntry | undefined,
): { waves: ChosenWave[]; unnamed: ChosenStep[] } {
  const ofClass = members.filter((member) => member.class === releaseClass);
  const waves = chooseWaves(entry?.classes[releaseClass] ?? [], ofClass);
  const named = new Set(waves.flat().map(({ step }) => step));
  return { waves, unnamed: ofClass.filter(({ step }) => !named.has(step)).map(({ step }) => ({ step })) };
}

/** The waves with what is deployed of them; a wave of which nothing is deployed falls away. */
function chooseWaves(listed: Waves, members: readonly PlannedRelease[]): ChosenWave[] {
  const explicit = new Set(listed.flat().map((member) => member.release));
  const takes = (member: Member, planned: PlannedRelease) =>
    member.release === anyRelease ? !explicit.has(planned.name) : member.release === planned.name;
  return listed
    .map((wave) => {
      return members.flatMap((planned) => {
        const taking = wave.find((member) => takes(member, planned));
        return taking ? [{ step: planned.step, place: taking.place }] : [];
      });
    })
    .filter((wave) => wave.length > 0);
}

function chainWaves(waves: readonly ChosenWave[], why: string): OrderEdge[] {
  return waves.slice(1).flatMap((wave, at) => {
    const previous = waves[at] ?? [];
    return previous.flatMap(({ step: first }) =>
      wave.map(({ step: second, place }) => ({ first, second, why, ...(place && { place }) })),
    );
  });
}

function orderByNeeds(
  drafts: readonly StepDraft[],
  context: { readonly excluded: ReadonlyMap<string, string> },
): { edges: OrderEdge[]; diagnostics: Diagnostic[] } {
  const edges: OrderEdge[] = [];
  const diagnostics: Diagnostic[] = [];
  const stepOf = new Map<string, number>();
  drafts.forEach((draft, step) => {
    for (const { release } of draft.releases) stepOf.set(`${draft.service.name} ${release.id}`, step);
  });
  drafts.forEach((draft, second) => {
    // helmfile keeps the needs of a service that goes as a whole.
    if (draft.whole) return;
    for (const { release } of draft.releases) {
      for (const need of reachNeeds(release, draft)) {
        const first = stepOf.get(`${draft.service.name} ${need}`);
        if (first !== undefined) edges.push({ first, second, why: `${release.id} needs ${need}` });
      }
      for (const need of release.needs) {
        if (!stepOf.has(`${draft.service.name} ${need}`)) {
          diagnostics.push(...checkNeed(release, need, draft, context.excluded));
        }
      }
    }
  });
  return { edges, diagnostics };
}

/** What the release needs, through needed releases too: one that is not deployed now must not break the chain. */
function reachNeeds(release: Release, draft: StepDraft): ReadonlySet<ReleaseId> {
  const byId = new Map(draft.service.releases.map((other) => [other.id, other]));
  return reach(release.needs, (id) => byId.get(id)?.needs ?? []);
}

function checkNeed(
  release: Release,
  need: ReleaseId,
  draft: StepDraft,
  excluded: ReadonlyMap<string, string>,
): Diagnostic[] {
  const needed = draft.service.releases.find((other) => other.id === need);
  if (!needed) {
    const known = draft.service.releases.map((other) => other.id).filter((id) => id !== release.id);
    return [
      {
        severity: "error",
        code: "unknown-need",
        message: `${release.id} needs ${need}, which ${draft.service.helmfile} does not list`,
        expected: known.length > 0 ? `one of ${known.join(", ")}` : "a release of the same helmfile",
        remedy: `correct its "needs" in ${draft.service.helmfile}`,
      },
    ];
  }
  if (!needed.installed) return [];
  return [
    {
      severity: "warning",
      code: "need-not-deployed",
      message: `${release.id} needs ${need}, which is not deployed now: ${excluded.get(need) ?? "left out"}`,
      remedy: `make sure that ${need} is there already`,
    },
  ];
}
