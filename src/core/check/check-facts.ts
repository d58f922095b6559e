import type { Diagnostic } from "../common/diagnostic.ts";
import { matchesAny } from "../common/glob.ts";
import type { SourceText } from "../common/places.ts";
import { namespaceOf, namespaceOfService, type Release, type Tree } from "../common/release.ts";
import type { Derived } from "../manifests/derived.ts";
import type { MadeByRelease } from "../manifests/made-by-release.ts";
import { type AssembledPlan, assemblePlan } from "../plan/assemble-plan.ts";
import type { Plan } from "../plan/plan.ts";
import { type Classification, type ClassifiedRelease, classify } from "../registry/classify.ts";
import type { Registry } from "../registry/registry.ts";
import type { DeployedEnvironment } from "./deployed-releases.ts";

/** What the charts of an environment rendered to. */
export interface RenderedEnvironment {
  readonly environment: string;
  /** What was rendered. */
  readonly releases: readonly MadeByRelease[];
  readonly derived: Derived;
  readonly notRendered: readonly { readonly release: string; readonly message: string }[];
  /** What was rendered and could not be read. */
  readonly faults: readonly Diagnostic[];
}

/** What a check goes by. */
export interface CheckQuestion {
  /** One for each environment that was read. */
  readonly trees: readonly Tree[];
  /** Whether these are all environments that there are: else an entry may be for another one. */
  readonly allEnvironments: boolean;
  /** Globs of services, as in a `Selection`: only what is about these is told. All where it is absent. */
  readonly selection?: { readonly service: readonly string[]; readonly exclude: readonly string[] };
  /** Those whose charts were rendered. */
  readonly rendered?: readonly RenderedEnvironment[];
  /** scap's own list of what it deploys. */
  readonly deployments?: SourceText;
  /** What helm has deployed. */
  readonly deployed?: readonly DeployedEnvironment[];
}

/** All that is known of what is checked. */
export interface CheckFacts {
  readonly registry: Registry;
  readonly question: CheckQuestion;
  /** By name. */
  readonly environments: readonly EnvironmentFacts[];
  /** Whether the operator wants to know of this service. */
  readonly isAsked: (service: string) => boolean;
  /** Every environment was read, and in it every service that counts: what is not there is nowhere. */
  readonly isWhole: boolean;
}

export interface EnvironmentFacts {
  readonly environment: string;
  readonly tree: Tree;
  readonly classification: Classification;
  /** Every release of the tree, by its id. */
  readonly byId: ReadonlyMap<string, ClassifiedRelease>;
  /** Those that belong to the environment, and to the services that are asked about. */
  readonly installed: readonly ClassifiedRelease[];
  /** Of everything, MediaWiki too, if that can be; absent where no plan can be made, and `planFaults` says why. */
  readonly plan?: Plan;
  readonly planFaults: readonly Diagnostic[];
  /** What its charts rendered to; dependencies only of what is asked about. */
  readonly rendered?: RenderedEnvironment;
  /** Of `installed`, those of which there are neither manifests nor a reason why there are none. */
  readonly withoutManifests: readonly string[];
  /** Namespaces of which something could not be read or rendered: what is missing there may be in it. */
  readonly incomplete: ReadonlySet<string>;
}

export function gatherFacts(registry: Registry, question: CheckQuestion): CheckFacts {
  const { service = [], exclude = [] } = question.selection ?? {};
  const isAsked = (name: string) =>
    (service.length === 0 || matchesAny(service, name)) && !matchesAny(exclude, name);
  const environments = question.trees
    .toSorted((one, other) => (one.environment < other.environment ? -1 : 1))
    .map((tree) => factsOf(tree, { registry, question, isAsked }));
  const unreadable = question.trees.flatMap((tree) => tree.unreadable.map((one) => one.service));
  const isWhole = question.allEnvironments && !unreadable.some(isAsked);
  return { registry, question, environments, isAsked, isWhole };
}

function factsOf(
  tree: Tree,
  { registry, question, isAsked }: Omit<CheckFacts, "environments" | "isWhole">,
): EnvironmentFacts {
  const { environment } = tree;
  const classification = classify(tree, registry);
  const rendered = question.rendered?.find((one) => one.environment === environment);
  const asked = classification.releases.filter(({ release }) => isAsked(release.service));
  const { plan, diagnostics } = planOf(withoutFaults(tree, classification), registry, question);
  const installed = asked.filter(({ release }) => release.installed);
  const withoutManifests = rendered ? missingIn(rendered, installed) : [];
  return {
    ...{ environment, tree, classification, installed, withoutManifests },
    byId: new Map(classification.releases.map((one) => [one.release.id, one])),
    ...(plan ? { plan } : {}),
    planFaults: plan ? [] : diagnostics.filter(({ severity }) => severity === "error"),
    ...(rendered ? { rendered: onlyAsked(rendered, { classification, isAsked }) } : {}),
    incomplete: new Set([
      ...tree.unreadable.map((one) => namespaceOfService(one.service)),
      ...(rendered?.notRendered ?? []).map(({ release }) => namespaceOf(release)),
      ...withoutManifests.map(namespaceOf),
    ]),
  };
}

/** Of everything; where that has no plan, of what is asked about: only that may be at fault then. */
function planOf(tree: Tree, registry: Registry, { selection }: CheckQuestion): AssembledPlan {
  const options = { mode: "apply", withMediawiki: true, servicesDir: "" } as const;
  const whole = assemblePlan(tree, registry, options);
  return whole.plan || !selection ? whole : assemblePlan(tree, registry, { ...options, selection });
}

function missingIn(
  { releases, notRendered }: RenderedEnvironment,
  installed: readonly ClassifiedRelease[],
): string[] {
  const known = new Set([...releases, ...notRendered].map(({ release }) => release));
  return installed
    .map(({ release }) => release.id)
    .filter((id) => !known.has(id))
    .toSorted();
}

/** What is not classified is a finding of its own, and must not hide the order of all the rest. */
function withoutFaults(tree: Tree, { releases }: Classification): Tree {
  const faulty = new Set<Release>(releases.filter(({ fault }) => fault).map(({ release }) => release));
  if (faulty.size === 0) return tree;
  const ids = new Set([...faulty].map(({ id }) => id));
  const services = tree.services.map((service) => ({
    ...service,
    releases: service.releases
      .filter((release) => !faulty.has(release))
      .map((release) => ({ ...release, needs: release.needs.filter((id) => !ids.has(id)) })),
  }));
  return { ...tree, services };
}

function onlyAsked(
  rendered: RenderedEnvironment,
  { classification, isAsked }: { classification: Classification } & Pick<CheckFacts, "isAsked">,
): RenderedEnvironment {
  const left = new Set<string>(
    classification.releases
      .filter(({ release }) => !isAsked(release.service))
      .map(({ release }) => release.id),
  );
  const { edges, unprovided, notMade, faults } = rendered.derived;
  return {
    ...rendered,
    derived: {
      edges: edges.filter(({ from }) => !left.has(from)),
      unprovided: unprovided.filter(({ release }) => !left.has(release)),
      notMade: notMade.filter(({ release }) => !left.has(release)),
      faults: faults.filter(({ release }) => !left.has(release)),
    },
    notRendered: rendered.notRendered.filter(({ release }) => !left.has(release)),
  };
}
