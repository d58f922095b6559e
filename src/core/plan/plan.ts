import { placeSchema } from "../common/place-schema.ts";
import type { Release } from "../common/release.ts";
import * as z from "../common/zod.ts";

/** What a rollout is for: `apply` changes what is there, `restore` fills an empty cluster stage by stage. */
export const planModes = ["apply", "restore"] as const;
/** What a rollout is for: `apply` changes what is there, `restore` fills an empty cluster stage by stage. */
export type PlanMode = (typeof planModes)[number];

const becauseSchema = z.strictObject({
  step: z.string(),
  text: z.string(),
  place: z.exactOptional(placeSchema),
});

/** Why a step waits for another, and the line that says so, where one does. */
export type Because = z.infer<typeof becauseSchema>;

const stepSchema = z.strictObject({
  id: z.string().check(z.minLength(1)),
  service: z.string(),
  helmfile: z.string(),
  releases: z.array(z.string()),
  class: z.string(),
  action: z.enum(["sync", "apply"]),
  args: z.array(z.string()),
  after: z.array(z.string()),
  stage: z.string(),
  gates: z.exactOptional(z.array(z.string())),
  because: z.exactOptional(z.array(becauseSchema)),
  kubeconfig: z.exactOptional(z.string()),
  kubeContext: z.exactOptional(z.string()),
  helm: z.exactOptional(z.string()),
  removesReleases: z.exactOptional(z.boolean()),
});

/**
 * One helmfile run on named releases of one service in one environment.
 *
 * - `releases`: `namespace/name` of each, in the helmfile's order.
 * - `class`: the class of its releases, which is the same for all of a step.
 * - `args`: helmfile's whole argument list.
 * - `after`: ids of the steps that must have succeeded before; gates included.
 * - `gates`: ids of the gates that hold it. The steps of those gates are in `after` too.
 * - `because`: why it waits for steps of `after`; for what only a gate holds, `gates` says it. Several reasons for one step
 *   may stand here.
 * - `kubeconfig`: what the helmfile hands to helm; helmfile itself asks the cluster for releases that are not
 *   installed without it, so the step's environment needs it too.
 * - `kubeContext`: the context of the kubeconfig that the helmfile names. What is looked at is the current one.
 * - `helm`: the program that the helmfile runs as helm, where it is another one.
 * - `removesReleases`: the step has no selector and its helmfile lists releases that do not belong here, which
 *   helmfile then removes.
 */
export type Step = z.infer<typeof stepSchema>;

const gateSchema = z.strictObject({
  id: z.string().check(z.minLength(1)),
  stage: z.string(),
  namespace: z.exactOptional(z.string()),
  steps: z.array(z.string()),
});

/**
 * What must be there before the steps that it holds may begin. `steps` are the steps that bring it about;
 * `namespace` is set where the gate is for one namespace only.
 */
export type Gate = z.infer<typeof gateSchema>;

const stageSchema = z.strictObject({
  name: z.string().check(z.minLength(1)),
  gate: z.enum(["wait", "none"]),
  steps: z.array(z.string()),
  run: z.exactOptional(z.array(z.string()).check(z.minLength(1))),
  runAfter: z.exactOptional(z.array(z.string())),
  runDeploys: z.exactOptional(z.array(z.string())),
});

/**
 * A named part of a rollout that the operator sees. `run` is a command that carries the stage out instead of
 * steps, once every step of the plan has ended and the gates named by `runAfter` are open; `runDeploys` are the
 * releases that it deploys (`namespace/name`; `namespace/*` where their names come up only then).
 */
export type Stage = z.infer<typeof stageSchema>;

const clusterSchema = z.strictObject({
  kubeconfig: z.exactOptional(z.string()),
  readKubeconfig: z.exactOptional(z.string()),
  systemNamespaces: z.array(z.string()),
});

/**
 * How to look at the cluster that the plan is for.
 *
 * - `kubeconfig`, `readKubeconfig`: files, in which `{namespace}` is still to be filled in; the second may read all
 *   namespaces. Steps name the one that their helmfile hands to helm, for where there is no `kubeconfig`.
 * - `systemNamespaces`: a cluster whose only pods are in these is wiped.
 */
export type PlanCluster = z.infer<typeof clusterSchema>;

const providedSchema = z.strictObject({
  namespace: z.string(),
  service: z.string(),
  release: z.string(),
  step: z.exactOptional(z.string()),
  deployedBy: z.exactOptional(z.string()),
});

/**
 * A Kubernetes Service that containers of its namespace need, and the release that brings it. `step` is the step of
 * this plan that deploys the release, absent where none does; `deployedBy` the command that would, for people.
 */
export type ProvidedService = z.infer<typeof providedSchema>;

/**
 * Checks a plan that comes from outside, from a file say. What it does not know it refuses.
 *
 * @example
 * const read = planSchema.safeParse(JSON.parse(text));
 * if (!read.success) throw new Error(read.error.message);
 */
export const planSchema = z.strictObject({
  version: z.literal(1),
  environment: z.string(),
  mode: z.enum(planModes),
  stages: z.array(stageSchema),
  steps: z.array(stepSchema),
  gates: z.array(gateSchema),
  log: z.exactOptional(z.array(z.string()).check(z.minLength(1))),
  lockFolder: z.exactOptional(z.string()),
  cluster: z.exactOptional(clusterSchema),
  provides: z.exactOptional(z.array(providedSchema)),
  settleSeconds: z.exactOptional(z.number()),
  excluded: z.array(z.strictObject({ release: z.string(), class: z.string(), reason: z.string() })),
  unreadable: z.array(
    z.strictObject({ service: z.string(), message: z.string(), exitCode: z.exactOptional(z.int()) }),
  ),
  excludedUnreadable: z.exactOptional(
    z.array(
      z.strictObject({
        ...{ service: z.string(), reason: z.string(), message: z.string() },
        exitCode: z.exactOptional(z.int()),
      }),
    ),
  ),
});

/**
 * What will run and in what order: a plain value, made before anything runs, the same bytes for the same input.
 * The dry run prints it, the executor runs it, reports draw it. `log` is the
 * operator's log command, in which `{message}` stands for the line to log; `lockFolder`, an absolute path, is where all
 * users of a host lock the environment; `settleSeconds` is how long a provided Service must have been there before a
 * gate opens; `excludedUnreadable` are services that the operator left out and that could not be read: their releases are
 * not known, and so not among the `excluded`. Steps stand in the order in which a serial rollout would run them.
 */
export type Plan = z.infer<typeof planSchema>;

/** The step that deploys a release, if one does. */
export function stepOfRelease(
  plan: Plan,
  { id, service }: Pick<Release, "id" | "service">,
): Step | undefined {
  return plan.steps.find((step) => step.service === service && step.releases.includes(id));
}

/** A release that is not deployed, with its class (or `unclassified`) and the reason. */
export type Excluded = Plan["excluded"][number];
