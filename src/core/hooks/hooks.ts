import type { CheckQuestion } from "../check/check-facts.ts";
import { findingSeverities } from "../check/finding.ts";
import type { OpenCluster } from "../cluster/cluster-reader.ts";
import type { Diagnostic } from "../common/diagnostic.ts";
import { placeSchema } from "../common/place-schema.ts";
import type { SourceText } from "../common/places.ts";
import type { Tree } from "../common/release.ts";
import * as z from "../common/zod.ts";
import { type Plan, type PlanMode, planSchema } from "../plan/plan.ts";
import { preflightReportSchema } from "../preflight/preflight-report.ts";
import type { StepOutcome } from "../rollout/outcome.ts";
import type { Selection } from "../tree/selection.ts";

/** The version of the contracts below; a plugin's manifest names the one that it was written for. */
export const hookApiVersion = 1;

/** The flags that a plugin added, by name without dashes; one that was not given is absent. */
export type PluginFlags = Readonly<Record<string, boolean>>;

/** How each step ended, by its id. */
export type Outcomes = Readonly<Record<string, StepOutcome["kind"]>>;

/** What the host asks, by the name of the hook. */
export interface HookRequests {
  /** Whose is each release of the tree? What a flag leaves out is missing in the answer. */
  readonly "releases:classify": { readonly version: 1; readonly tree: Tree; readonly flags: PluginFlags };
  /** What is to run, and in what order? */
  readonly "rollout:plan": {
    readonly version: 1;
    readonly tree: Tree;
    readonly mode: PlanMode;
    /** The folder that the helmfiles' paths are relative to. */
    readonly servicesDir: string;
    readonly selection: Selection;
    readonly flags: PluginFlags;
  };
  /** Asked for each stage, before its first step and before its command begin: may it? */
  readonly "stage:before": {
    readonly version: 1;
    readonly plan: Plan;
    readonly stage: string;
    readonly outcomes: Outcomes;
  };
  /**
   * Asked for each gate when the steps that it waits for have ended, after a retry again, and as often as the answer
   * says: is it open?
   */
  readonly "stage:after": {
    readonly version: 1;
    readonly plan: Plan;
    readonly stage: string;
    readonly gate: string;
    readonly outcomes: Outcomes;
    /** How long the gate has been waited for since it was asked about first. */
    readonly waitedSeconds: number;
  };
  /** May these releases be deployed in this environment? Changes nothing. */
  readonly "rollout:preflight": {
    readonly version: 1;
    readonly environment: string;
    /** All of the environment where neither these nor `deployments` are given. */
    readonly targets?: readonly PreflightPair[];
    /** The deploying tool's own list of what it deploys, as it is written. */
    readonly deployments?: SourceText;
    /** What helmfile lists, where the operator wants it compared. */
    readonly tree?: Tree;
  };
  /** Do registry, trees, manifests and the deploying tool's own list agree? Changes nothing. */
  readonly "tree:check": {
    readonly version: 1;
    /** Whether it may look at the clusters what is deployed. */
    readonly cluster?: boolean;
    /** The registry as it is written now, where a change of it is to be proposed. */
    readonly registry?: SourceText;
  } & Omit<CheckQuestion, "deployed">;
  /** Told at the end. Its notes are shown to the operator below the summary. */
  readonly "rollout:finish": {
    readonly version: 1;
    readonly plan: Plan;
    readonly outcomes: Outcomes;
    /** How the stages' own commands ended, by the name of the stage. */
    readonly commands: Outcomes;
    readonly flags: PluginFlags;
  };
}

/** A release to be deployed. */
export interface PreflightPair {
  readonly namespace: string;
  readonly release: string;
}

/** The names of the hooks that there are. */
export type HookName = keyof HookRequests;

/** A `Diagnostic` as it comes from a plugin, or from another program. */
export const diagnosticSchema = z.strictObject({
  severity: z.enum(["error", "warning"]),
  code: z.string(),
  message: z.string(),
  place: z.exactOptional(placeSchema),
  expected: z.exactOptional(z.string()),
  remedy: z.exactOptional(z.string()),
  related: z.exactOptional(z.readonly(z.array(z.strictObject({ message: z.string(), place: placeSchema })))),
});

const findingSchema = z.strictObject({
  code: z.string(),
  severity: z.enum(findingSeverities),
  subject: z.string(),
  message: z.string(),
  environments: z.exactOptional(z.readonly(z.array(z.string()))),
  remedy: z.exactOptional(z.string()),
  place: z.exactOptional(placeSchema),
});

const proposalSchema = z.strictObject({
  /** The whole registry, with all changes in it. */
  text: z.string(),
  /** What is gone with it. */
  mended: z.readonly(z.array(findingSchema)),
  /** Errors and warnings that stay, and why no change is proposed for them. */
  left: z.readonly(z.array(z.strictObject({ finding: findingSchema, reason: z.string() }))),
});

/** What a plugin answers, by the name of the hook. The host believes nothing else. */
export const answerSchemas = {
  "releases:classify": z.strictObject({
    version: z.literal(1),
    /** In the tree's order. */
    releases: z.array(
      z.strictObject({
        service: z.string(),
        release: z.string(),
        class: z.string(),
        reason: z.strictObject({ text: z.string(), place: z.exactOptional(placeSchema) }),
        /** What is wrong with it, for a release that nothing may deploy until that is mended. */
        fault: z.exactOptional(diagnosticSchema),
      }),
    ),
    diagnostics: z.readonly(z.array(diagnosticSchema)),
  }),
  /** Without a plan, the diagnostics say why. */
  "rollout:plan": z.strictObject({
    version: z.literal(1),
    plan: z.exactOptional(planSchema),
    diagnostics: z.readonly(z.array(diagnosticSchema)),
  }),
  "stage:before": z.strictObject({
    version: z.literal(1),
    proceed: z.boolean(),
    reason: z.exactOptional(z.string()),
  }),
  "stage:after": z.strictObject({
    version: z.literal(1),
    open: z.boolean(),
    reason: z.string(),
    /** It may open yet: asked again after so many seconds. */
    againInSeconds: z.exactOptional(z.number().check(z.positive(), z.maximum(3600))),
  }),
  /** Without a report, the diagnostics say why. */
  "rollout:preflight": z.strictObject({
    version: z.literal(1),
    report: z.exactOptional(preflightReportSchema),
    diagnostics: z.readonly(z.array(diagnosticSchema)),
  }),
  /** With an error among the diagnostics, what was asked cannot be answered. */
  "tree:check": z.strictObject({
    version: z.literal(1),
    findings: z.readonly(z.array(findingSchema)),
    /** Where it was asked for. */
    proposal: z.exactOptional(proposalSchema),
    diagnostics: z.readonly(z.array(diagnosticSchema)),
  }),
  "rollout:finish": z.strictObject({ version: z.literal(1), notes: z.array(z.string()) }),
} as const satisfies Record<HookName, z.ZodMiniType>;

/** Whether a plugin can be asked this. */
export function isHookName(text: string): text is HookName {
  return Object.hasOwn(answerSchemas, text);
}

/** What the hook of that name answers. */
export type HookAnswer<Name extends HookName> = z.infer<(typeof answerSchemas)[Name]>;

/** The hooks that a plugin answers, in process. Each may be left out. */
export type Hooks = {
  readonly [Name in HookName]?: (request: HookRequests[Name]) => Promise<HookAnswer<Name>>;
};

/** What the host hands to a plugin that it loads. */
export interface PluginSetup {
  /** The registry's text, if the manifest names one. `file` is how places in it are to be named. */
  readonly registry?: SourceText;
  /** Looks at clusters. Absent where the host cannot: then a gate goes by how its steps ended. */
  readonly openCluster?: OpenCluster;
}

/** What the module that a manifest names as its entry exports as `default`. */
export type CreatePlugin = (setup: PluginSetup) => PluginInstance | Promise<PluginInstance>;

/** A plugin that is ready to be asked. */
export interface PluginInstance {
  readonly hooks: Hooks;
  /** Faults of what the host handed in; with an error among them the host goes no further. */
  readonly diagnostics?: readonly Diagnostic[];
}
