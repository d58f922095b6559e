import type { Place } from "../common/diagnostic.ts";
import type { StageEntry } from "../registry/registry.ts";
import type { Gate } from "./plan.ts";
import type { StepDraft } from "./step-drafts.ts";
import type { StepOrder } from "./step-order.ts";

/** The gates of a plan: which steps each waits for, and which steps it holds. */
export interface GateDraft {
  readonly id: string;
  readonly stage: string;
  readonly namespace?: string;
  /** That of the stage; absent where what it holds waits for the same steps without it, too. */
  readonly place?: Place;
  readonly waitsFor: readonly number[];
  readonly holds: readonly number[];
}

export interface Gates {
  readonly gates: readonly GateDraft[];
  /** By the index of a stage with a command: the ids of the gates that hold the command. */
  readonly runAfter: ReadonlyMap<number, readonly string[]>;
}

/**
 * A gate on a stage of support releases holds only MediaWiki: namespace by namespace where this rollout deploys
 * it, all support together for the command that deploys it elsewhere. Any other gate holds every later step.
 */
export function assembleGates(
  drafts: readonly StepDraft[],
  context: {
    readonly stages: readonly StageEntry[];
    readonly supported: StepOrder["supported"];
    readonly isRestore: boolean;
    /** Indices of the stages that are carried out by their command. */
    readonly commands: readonly number[];
  },
): Gates {
  const { stages, commands } = context;
  const gates: GateDraft[] = stages.flatMap((stage, at) => barrier(stage, at, drafts));
  const supportGate = stages.find((stage) => stage.gate === "wait" && stage.class === "support");
  // Outside a restore there is one stage for all, and MediaWiki needs its Services there no less.
  const holder = supportGate ?? (context.isRestore ? undefined : stages[0]);
  if (holder) gates.push(...perNamespace(holder, context.supported));

  const runAfter = new Map<number, string[]>();
  for (const at of commands) {
    const support = drafts.flatMap((draft, step) =>
      draft.releases.some((release) => release.class === "support") ? [step] : [],
    );
    const name = supportGate?.name ?? stages[at]?.name ?? "";
    // The registry has such a stage last: every gate is before it.
    const ids = gates.filter((gate) => gate.namespace === undefined).map((gate) => gate.id);
    if (support.length > 0) {
      gates.push({ id: name, stage: name, waitsFor: support, holds: [] });
      ids.push(name);
    }
    runAfter.set(at, ids);
  }
  return { gates, runAfter };
}

function barrier(stage: StageEntry, at: number, drafts: readonly StepDraft[]): GateDraft[] {
  if (stage.gate !== "wait" || stage.class === "support") return [];
  const waitsFor = drafts.flatMap((draft, step) => (draft.stage === at ? [step] : []));
  const holds = drafts.flatMap((draft, step) => (draft.stage > at ? [step] : []));
  const { name, place } = stage;
  return waitsFor.length === 0 ? [] : [{ id: name, stage: name, place, waitsFor, holds }];
}

function perNamespace(stage: StageEntry, supported: StepOrder["supported"]): GateDraft[] {
  return [...supported].map(([namespace, { support, mediawiki }]) => ({
    id: `${stage.name}:${namespace}`,
    stage: stage.name,
    namespace,
    waitsFor: support,
    holds: mediawiki,
  }));
}

/** The gate as the plan has it. */
export function planGate(gate: GateDraft, idOf: (step: number) => string): Gate {
  const { id, stage, namespace } = gate;
  return { id, stage, ...(namespace === undefined ? {} : { namespace }), steps: gate.waitsFor.map(idOf) };
}
