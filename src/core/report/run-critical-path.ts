import type { Gate, Plan } from "../plan/plan.ts";
import type { PathPart, RunReport } from "./run-report.ts";
import type { Moment, RunTimeline, WorkTimeline } from "./run-timeline.ts";

/** Something that took time, and what it waited for by the plan. */
interface Part {
  readonly kind: PathPart["kind"];
  readonly id: string;
  readonly from: Moment;
  readonly to: Moment;
  readonly needs: ReadonlySet<Part>;
}

/** What began so soon after what it waits for waited for nothing else: writing the journal takes time, too. */
const atOnceMs = 250;

/**
 * What determined how long a run took: from what ended last back to the begin, each time over what had to end before.
 * That is what it waited for by the plan; where that had ended long before, what freed the worker or the turn. What has
 * not ended counts up to `now`.
 */
export function runCriticalPath(plan: Plan, timeline: RunTimeline, now: Moment): PathPart[] {
  const parts = partsOf(plan, timeline, now);
  const { jobs = Number.POSITIVE_INFINITY } = timeline;
  const path: PathPart[] = [];
  const seen = new Set<Part>();
  // Back from the last end: what had not ended before a part was begun had not before an earlier one either.
  const byEnd = parts.toSorted(byEndOf);
  for (let part = byEnd.at(-1); part !== undefined && !seen.has(part); ) {
    seen.add(part);
    const { line } = part.from;
    for (let last = byEnd.at(-1); last && (last === part || last.to.line > line); last = byEnd.at(-1))
      byEnd.pop();
    const before = beforeOf(part, byEnd.at(-1), { parts, jobs });
    const { kind, id, from, to } = part;
    const waitMs = Math.max(0, from.ms - (before?.part.to.ms ?? 0));
    path.push({ kind, id, fromMs: from.ms, toMs: to.ms, waitMs, because: before?.because ?? "begin" });
    part = before?.part;
  }
  return path.reverse();
}

/** @param last what had ended last when the part was begun */
function beforeOf(
  part: Part,
  last: Part | undefined,
  { parts, jobs }: { readonly parts: readonly Part[]; readonly jobs: number },
): { readonly part: Part; readonly because: PathPart["because"] } | undefined {
  const needed = latest([...part.needs].filter(({ to }) => to.line <= part.from.line));
  if (needed && (part.kind === "gate" || part.from.ms - needed.to.ms <= atOnceMs)) {
    return { part: needed, because: "needed" };
  }
  if (!last) return undefined;
  if (last === needed) return { part: last, because: "needed" };
  const running = parts.filter(
    ({ kind, from, to }) => kind === "step" && from.line < last.to.line && to.line >= last.to.line,
  );
  return { part: last, because: last.kind === "step" && running.length >= jobs ? "worker" : "turn" };
}

/** What ended last. */
function latest(parts: readonly Part[]): Part | undefined {
  return parts.reduce<Part | undefined>(
    (found, part) => (found && byEndOf(part, found) <= 0 ? found : part),
    undefined,
  );
}

/** Of two that ended at the same time, what was told last is later. */
function byEndOf(one: Part, other: Part): number {
  return one.to.ms - other.to.ms || one.to.line - other.to.line;
}

function partsOf(plan: Plan, timeline: RunTimeline, now: Moment): Part[] {
  const made = new Map<string, Part & { needs: Set<Part> }>();
  const make = (part: Omit<Part, "needs">) =>
    made.set(keyOf(part.kind, part.id), { ...part, needs: new Set() });
  for (const { id } of plan.steps) {
    const span = spanOf(timeline.steps.get(id), now);
    if (span) make({ kind: "step", id, ...span });
  }
  for (const gate of plan.gates) {
    const span = waitOf(gate, timeline, now);
    if (span) make({ kind: "gate", id: gate.id, ...span });
  }
  for (const { name } of plan.stages) {
    const span = spanOf(timeline.commands.get(name), now);
    if (span) make({ kind: "command", id: name, ...span });
  }
  for (const [key, needed] of needsOf(plan)) {
    const part = made.get(key);
    for (const other of needed) {
      const before = made.get(other);
      if (part && before) part.needs.add(before);
    }
  }
  return [...made.values()];
}

/** What everything waits for, by the plan. */
function needsOf({ steps, gates, stages }: Plan): [string, string[]][] {
  const stepKey = (id: string) => keyOf("step", id);
  const gateKey = (id: string) => keyOf("gate", id);
  const all = steps.map(({ id }) => stepKey(id));
  return [
    ...steps.map(({ id, after, gates: held = [] }): [string, string[]] => [
      stepKey(id),
      [...after.map(stepKey), ...held.map(gateKey)],
    ]),
    ...gates.map((gate): [string, string[]] => [gateKey(gate.id), gate.steps.map(stepKey)]),
    ...stages.flatMap(({ name, run, runAfter = [] }): [string, string[]][] =>
      run ? [[keyOf("command", name), [...all, ...runAfter.map(gateKey)]]] : [],
    ),
  ];
}

/** Tells the parts of a run from each other; of a command, the id is its stage. */
export function keyOf(kind: PathPart["kind"], id: string): string {
  return `${kind} ${id}`;
}

/** The keys of what is on the critical path. */
export function criticalKeys({ criticalPath }: RunReport): ReadonlySet<string> {
  return new Set(criticalPath.map(({ kind, id }) => keyOf(kind, id)));
}

/** From its first begin to its last end. */
function spanOf(work: WorkTimeline | undefined, now: Moment) {
  const [first] = work?.attempts ?? [];
  const last = work?.attempts.at(-1);
  return first && last && { from: first.from, to: last.to ?? now };
}

/** How long a gate was waited for: from the end of the last of its steps until it was judged; undefined if never. */
export function waitOf(
  gate: Gate,
  { gates, steps }: RunTimeline,
  now: Moment,
): { readonly from: Moment; readonly to: Moment } | undefined {
  const { said = [], verdict } = gates.get(gate.id) ?? {};
  const first = said[0]?.at;
  if (!first) return undefined;
  const to = verdict?.at ?? now;
  let from: Moment | undefined;
  for (const id of gate.steps) {
    const told = steps.get(id)?.told;
    if (told && told.line <= to.line && told.line > (from?.line ?? -1)) from = told;
  }
  return { from: from ?? first, to };
}
