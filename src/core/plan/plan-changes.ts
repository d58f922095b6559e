import { groupedBy } from "../common/grouped-by.ts";
import { counted, firstOf, quoted } from "../common/words.ts";
import type { Gate, Plan, Stage, Step } from "./plan.ts";
import { withVerb } from "./step-arguments.ts";

/** What is other in one plan than in an earlier one. */
export interface PlanChange {
  readonly kind: "came" | "went" | "changed";
  readonly what: "step" | "gate" | "command";
  /** The id of the step or gate; the stage of the command. */
  readonly id: string;
  /** What changed of it, in lines for people; empty for what came or went. */
  readonly details: readonly string[];
}

/**
 * What came, went and changed since an earlier plan. Whether a step is to `sync` or to `apply` is no change: that
 * follows from what exists by now.
 */
export function planChanges(before: Plan, after: Plan): readonly PlanChange[] {
  return [
    ...changesOf("step", before.steps, after.steps, { idOf: ({ id }) => id, details: stepDetails }),
    ...changesOf("gate", before.gates, after.gates, { idOf: ({ id }) => id, details: gateDetails }),
    ...changesOf("command", commandsOf(before), commandsOf(after), {
      idOf: ({ name }) => name,
      details: commandDetails,
    }),
  ];
}

/** Whether two steps do the same to the cluster, whenever it is and whatever they wait for. */
export function doesTheSame(one: Step, other: Step): boolean {
  return workDetails(one, other).length === 0;
}

/** Whether two stages have the same command. */
export function runsTheSame(one: Stage, other: Stage): boolean {
  return JSON.stringify(one.run) === JSON.stringify(other.run);
}

/** In lines for people: what changed in the same way stands in one line, and of many ids the first ones. */
export function renderPlanChanges(changes: readonly PlanChange[]): string[] {
  const groups = groupedBy(changes, ({ kind, what, details }) => JSON.stringify([kind, what, details]));
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const what = group.length === 1 ? first.what : counted(group.length, first.what);
    const head = `${first.kind}: ${what} ${firstOf(
      group.map(({ id }) => id),
      4,
    )}`;
    return [head, ...first.details.map((line) => `  ${line}`)];
  });
}

function changesOf<Item>(
  what: PlanChange["what"],
  before: readonly Item[],
  after: readonly Item[],
  { idOf, details }: { idOf: (item: Item) => string; details: (was: Item, is: Item) => readonly string[] },
): PlanChange[] {
  const old = new Map(before.map((item) => [idOf(item), item]));
  const present = new Set(after.map(idOf));
  const went = before.filter((item) => !present.has(idOf(item)));
  return [
    ...went.map((item): PlanChange => ({ kind: "went", what, id: idOf(item), details: [] })),
    ...after.flatMap((item): PlanChange[] => {
      const was = old.get(idOf(item));
      if (was === undefined) return [{ kind: "came", what, id: idOf(item), details: [] }];
      const changed = details(was, item);
      return changed.length > 0 ? [{ kind: "changed", what, id: idOf(item), details: changed }] : [];
    }),
  ];
}

function stepDetails(was: Step, is: Step): string[] {
  return [
    ...workDetails(was, is),
    ...oneOther("stage", was.stage, is.stage),
    ...setOther("waits for", was.after, is.after),
    ...setOther("gates", was.gates ?? [], is.gates ?? []),
  ];
}

/** What makes a step do something else to the cluster. */
function workDetails(was: Step, is: Step): string[] {
  return [
    ...oneOther("service", was.service, is.service),
    ...setOther("releases", was.releases, is.releases),
    ...oneOther("arguments", wordsOf(was), wordsOf(is)),
    ...oneOther("kubeconfig", was.kubeconfig ?? "none", is.kubeconfig ?? "none"),
    ...oneOther("removes releases", yesOrNo(was.removesReleases), yesOrNo(is.removesReleases)),
  ];
}

/** The arguments with the same verb for every step. */
function wordsOf({ args }: Step): string {
  return commandLine(withVerb(args, "sync"));
}

function yesOrNo(flag: boolean | undefined): string {
  return flag === true ? "yes" : "no";
}

function gateDetails(was: Gate, is: Gate): string[] {
  return [
    ...oneOther("stage", was.stage, is.stage),
    ...oneOther("namespace", was.namespace ?? "all", is.namespace ?? "all"),
    ...setOther("steps", was.steps, is.steps),
  ];
}

function commandDetails(was: Stage, is: Stage): string[] {
  return [
    ...oneOther("command", commandLine(was.run ?? []), commandLine(is.run ?? [])),
    ...setOther("waits for the gates", was.runAfter ?? [], is.runAfter ?? []),
    ...setOther("deploys", was.runDeploys ?? [], is.runDeploys ?? []),
  ];
}

function commandsOf({ stages }: Plan): Stage[] {
  return stages.filter(({ run }) => run !== undefined);
}

function commandLine(words: readonly string[]): string {
  return words.map(quoted).join(" ");
}

function oneOther(name: string, was: string, is: string): string[] {
  return was === is ? [] : [`${name}: ${was} → ${is}`];
}

/** The order does not matter: helmfile decides in which order it takes releases. */
function setOther(name: string, was: readonly string[], is: readonly string[]): string[] {
  const [old, now] = [new Set(was), new Set(is)];
  const more = [...now].filter((id) => !old.has(id));
  const less = [...old].filter((id) => !now.has(id));
  return [
    ...(more.length > 0 ? [`${name}: now also ${firstOf(more, 4)}`] : []),
    ...(less.length > 0 ? [`${name}: no longer ${firstOf(less, 4)}`] : []),
  ];
}
