import type { Place } from "../common/diagnostic.ts";
import type { Release, Tree } from "../common/release.ts";
import { type Plan, type Stage, type Step, stepOfRelease } from "../plan/plan.ts";
import { type Wait, waitsForStep, waitsOfCommand, waitsOfStep } from "../plan/waits.ts";
import type { Verdicts } from "../registry/class-verdicts.ts";
import type { ExpectedDuration } from "../rollout/durations.ts";

/** What becomes of a release in a rollout. */
export type Fate =
  /** The step deploys it, with the releases in `together` in the same helmfile run. */
  | { readonly kind: "deployed"; readonly step: string; readonly together: readonly string[] }
  /** The command of the stage deploys it. `wouldBeIncluded`: the ways to have a step deploy it, for people. */
  | {
      readonly kind: "handed-over";
      readonly reason: string;
      readonly wouldBeIncluded: readonly string[];
    }
  /** It stays as it is. `removedBy` is the step whose helmfile removes it should it be there. */
  | {
      readonly kind: "excluded";
      readonly reason: string;
      readonly wouldBeIncluded: readonly string[];
      readonly removedBy?: string;
    }
  /** There is no plan, or a plan that says nothing about it. */
  | { readonly kind: "unplanned"; readonly reason: string };

/** Other environments: those that were read and that it belongs to, or else those that its helmfile names. */
export interface Elsewhere {
  readonly environments: readonly string[];
  readonly by: "reading" | "helmfile";
}

/** Everything that is known about one release in one rollout; a part of the JSON of the verb `explain`. */
export interface Explanation {
  readonly release: string;
  readonly service: string;
  readonly helmfile: string;
  readonly chart: string;
  /** Whether it belongs to the environment. */
  readonly installed: boolean;
  readonly elsewhere?: Elsewhere;
  readonly class: string;
  readonly reason: { readonly text: string; readonly place?: Place };
  readonly fate: Fate;
  /** The stage that deploys it, and how many there are. */
  readonly stage?: {
    readonly name: string;
    readonly gate: Stage["gate"];
    readonly number: number;
    readonly of: number;
  };
  /** Direct ones first. */
  readonly waitsFor: readonly Wait[];
  readonly waitedForBy: readonly Wait[];
  /** Names of the Services that it brings, and that containers of its namespace need. */
  readonly provides: readonly string[];
  /** What will run for it. */
  readonly commands: readonly (readonly string[])[];
  readonly expected?: ExpectedDuration;
}

/** What an explanation is made of. */
export interface ExplainContext {
  readonly tree: Tree;
  readonly classified: Verdicts;
  /** Without a plan, why there is none. */
  readonly plan:
    | { readonly ok: true; readonly value: Plan }
    | { readonly ok: false; readonly failure: string };
  /** How long steps will probably take, by their ids. */
  readonly expected?: ReadonlyMap<string, ExpectedDuration>;
  readonly elsewhere?: Elsewhere;
  /** The ways to have a step deploy it, for people, where it is left out: `with --with-mediawiki`. */
  readonly wouldBeIncluded?: readonly string[];
}

/**
 * Says of one release what is known about it: what decided, where it stands in the plan, what it waits for, and what
 * runs. A release that no class or plan names is explained too: as `unknown`, or as one that the plan does not name.
 *
 * @example
 * const { plan, diagnostics } = assemblePlan(tree, registry, { mode: "restore", servicesDir });
 * const subject = findSubject("mw-web/prometheus", tree);
 * const found = subject.kind === "releases" ? subject.releases : [];
 * const explained = found.map((release) =>
 *   explain(release, {
 *     tree,
 *     classified: verdictsOf(classify(tree, registry)),
 *     plan: plan ? { ok: true, value: plan } : { ok: false, failure: renderDiagnostics(diagnostics) },
 *   }),
 * );
 * explained.map(({ class: name, stage }) => `${name}, ${stage?.name}`); // ["support, support"]
 */
export function explain(release: Release, context: ExplainContext): Explanation {
  const { tree, classified, elsewhere } = context;
  const verdict = classified.find((one) => one.release === release.id && one.service === release.service);
  const known = tree.services.find(({ name }) => name === release.service);
  return {
    release: release.id,
    service: release.service,
    helmfile: known?.helmfile ?? "",
    chart: release.chart,
    installed: release.installed,
    ...(elsewhere ? { elsewhere } : {}),
    class: verdict?.class ?? "unknown",
    reason: verdict?.reason ?? { text: "the plugin says nothing about it" },
    ...rolloutPart(release, context),
  };
}

type RolloutPart = Pick<
  Explanation,
  "fate" | "stage" | "waitsFor" | "waitedForBy" | "provides" | "commands" | "expected"
>;

function rolloutPart(release: Release, context: ExplainContext): RolloutPart {
  const nothing = { waitsFor: [], waitedForBy: [], provides: [], commands: [] };
  if (!context.plan.ok) return { ...nothing, fate: { kind: "unplanned", reason: context.plan.failure } };
  const { value: plan } = context.plan;
  const provides = (plan.provides ?? [])
    .filter((one) => one.release === release.id)
    .map((one) => one.service);
  const step = stepOfRelease(plan, release);
  if (step) return { ...deployed(release, step, { ...context, plan }), provides };
  const reason =
    plan.excluded.find((one) => one.release === release.id)?.reason ?? "the plan does not name it";
  const { wouldBeIncluded = [] } = context;
  const stage = plan.stages.find((one) => release.installed && one.runDeploys?.includes(release.id));
  if (stage?.run) {
    return {
      fate: { kind: "handed-over", reason, wouldBeIncluded },
      stage: numbered(stage, plan),
      waitsFor: waitsOfCommand(stage, plan),
      waitedForBy: [],
      provides,
      commands: [stage.run],
    };
  }
  const removing = plan.steps.find((one) => one.service === release.service && one.removesReleases);
  const removed = !release.installed && removing ? { removedBy: removing.id } : {};
  return { ...nothing, provides, fate: { kind: "excluded", reason, wouldBeIncluded, ...removed } };
}

function deployed(
  release: Release,
  step: Step,
  { plan, tree, expected }: Omit<ExplainContext, "plan"> & { readonly plan: Plan },
): Omit<RolloutPart, "provides"> {
  const stage = plan.stages.find(({ name }) => name === step.stage);
  const duration = expected?.get(step.id);
  const own = tree.services.find(({ name }) => name === release.service)?.releases ?? [];
  const beside = own.filter(({ id }) => id !== release.id && step.releases.includes(id));
  return {
    fate: { kind: "deployed", step: step.id, together: beside.map(({ id }) => id) },
    ...(stage ? { stage: numbered(stage, plan) } : {}),
    waitsFor: [
      ...beside.filter(({ id }) => release.needs.includes(id)).map((one) => within(one, release.id)),
      ...waitsOfStep(step, plan),
    ],
    waitedForBy: [
      ...beside.filter(({ needs }) => needs.includes(release.id)).map((one) => within(one, one.id)),
      ...waitsForStep(step, plan),
    ],
    commands: [["helmfile", ...step.args]],
    ...(duration ? { expected: duration } : {}),
  };
}

/** helmfile itself keeps the order of what it deploys in one run. */
function within({ id }: Release, needing: string): Wait {
  const text = `"needs" of ${needing}, which helmfile keeps within the step`;
  return { kind: "release", name: id, direct: true, because: [{ text }] };
}

function numbered(stage: Stage, plan: Plan): NonNullable<Explanation["stage"]> {
  const { name, gate } = stage;
  return { name, gate, number: plan.stages.indexOf(stage) + 1, of: plan.stages.length };
}
