import { groupedBy } from "../common/grouped-by.ts";
import type { Release, Service, Tree } from "../common/release.ts";
import type { ClassifiedRelease } from "../registry/classify.ts";
import type { Registry } from "../registry/registry.ts";

/** Releases of one service that one helmfile run deploys. */
export interface StepDraft {
  readonly id: string;
  readonly service: Service;
  readonly releases: readonly ClassifiedRelease[];
  readonly stage: number;
  /** The service goes as a whole: no selector, helmfile keeps its own `needs` and removes what is not installed. */
  readonly whole: boolean;
}

/**
 * Cuts the included releases into steps. A service goes as a whole where all of it is deployed, in one stage,
 * nothing orders its releases, and neither MediaWiki nor its support is anywhere near; else each release is a step.
 */
export function cutSteps(
  tree: Tree,
  context: {
    readonly registry: Registry;
    readonly included: readonly ClassifiedRelease[];
    readonly stageOf: ReadonlyMap<ClassifiedRelease, number>;
    readonly mediawikiNamespaces: ReadonlySet<string>;
    /** Every release that is not of class other, deployed or not. */
    readonly notOther: ReadonlySet<Release>;
    /** Services to take although nothing of them is installed here, so that helmfile removes what once was. */
    readonly emptyServices: ReadonlySet<string>;
  },
): StepDraft[] {
  const byService = groupedBy(context.included, ({ release }) => release.service);
  const ordered = orderedReleases(context.included, context.registry);
  const drafts: StepDraft[] = [];
  const ids = new Set<string>();
  const add = (draft: StepDraft) => {
    const id = ids.has(draft.id) ? `${draft.service.name}:${draft.id}` : draft.id;
    ids.add(id);
    drafts.push({ ...draft, id });
  };
  for (const service of tree.services) {
    const releases = byService.get(service.name) ?? [];
    if (releases.length === 0 && !context.emptyServices.has(service.name)) continue;
    const stages = new Set(releases.map((release) => context.stageOf.get(release) ?? 0));
    if (stages.size <= 1 && goesWhole(service, releases, { ...context, ordered })) {
      const [stage = 0] = stages;
      add({ id: service.name, service, releases, stage, whole: true });
    } else {
      for (const classified of releases) {
        const { id, namespace } = classified.release;
        const stepId = namespace === "" ? `${service.name}:${id}` : id;
        add({
          id: stepId,
          service,
          releases: [classified],
          stage: context.stageOf.get(classified) ?? 0,
          whole: false,
        });
      }
    }
  }
  return drafts;
}

function goesWhole(
  service: Service,
  releases: readonly ClassifiedRelease[],
  context: {
    readonly mediawikiNamespaces: ReadonlySet<string>;
    readonly notOther: ReadonlySet<Release>;
    readonly ordered: ReadonlySet<Release>;
  },
): boolean {
  const installed = service.releases.filter((release) => release.installed).length;
  return (
    releases.length === installed &&
    releases.every(({ release }) => !context.ordered.has(release)) &&
    // What is not installed counts too: helmfile would remove it, and MediaWiki is scap's.
    service.releases.every(
      (release) => !context.notOther.has(release) && !context.mediawikiNamespaces.has(release.namespace),
    )
  );
}

/** Releases that the registry's sequences put in an order with another that is deployed. */
function orderedReleases(included: readonly ClassifiedRelease[], registry: Registry): Set<Release> {
  const ordered = new Set<Release>();
  const named = included.flatMap(({ release }) => {
    const entry = registry.namespaces.get(release.namespace);
    const members = [entry?.sequence, entry?.classes.other].flatMap((sequence) => sequence?.flat() ?? []);
    // A wave alone, and "*" with it, orders nothing; that it may split a service costs no more than a process.
    return members.some((member) => member.release === release.name) ? [release] : [];
  });
  for (const releases of groupedBy(named, ({ namespace }) => namespace).values()) {
    if (releases.length > 1) for (const release of releases) ordered.add(release);
  }
  return ordered;
}
