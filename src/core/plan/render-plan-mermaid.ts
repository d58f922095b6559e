import { appendTo, groupedBy } from "../common/grouped-by.ts";
import { namespaceOf } from "../common/release.ts";
import { counted, firstOf, quoted } from "../common/words.ts";
import { afterItself } from "./after-itself.ts";
import { notDeployedBy } from "./left-out.ts";
import { comment, label } from "./mermaid.ts";
import type { Plan, Stage, Step } from "./plan.ts";

/** What Mermaid draws unless it is told otherwise (`maxTextSize`, `maxEdges`). */
const limits = { characters: 50_000, edges: 500 };

/** How the steps of a plan are drawn: each, or those together that are alike. */
const groupings = ["step", "namespace", "stage"] as const;
type Grouping = (typeof groupings)[number];

/**
 * A plan as a Mermaid flowchart: a box for each stage with its steps or its command, gates between, and what is left out.
 * A plan that is larger than what Mermaid draws by default is drawn by namespace, else by stage, and says so in a comment.
 */
export function renderPlanMermaid(plan: Plan): string {
  let drawn = "";
  for (const grouping of groupings) {
    const chart = new Flowchart(plan, grouping);
    drawn = chart.text();
    if (drawn.length <= limits.characters && chart.edges <= limits.edges) break;
  }
  return drawn;
}

/** A node of the chart, and the steps that it stands for. */
interface Node {
  readonly id: string;
  readonly text: string;
  readonly steps: readonly string[];
}

class Flowchart {
  readonly #plan: Plan;
  readonly #grouping: Grouping;
  readonly #lines: string[] = [];
  readonly #edges = new Set<string>();
  /** By the step's id. */
  readonly #nodeOf = new Map<string, string>();
  readonly #stageOf = new Map<string, string>();

  constructor(plan: Plan, grouping: Grouping) {
    this.#plan = plan;
    this.#grouping = grouping;
    this.#draw();
  }

  get edges(): number {
    return this.#edges.size;
  }

  text(): string {
    return [...this.#lines, ...[...this.#edges].map((edge) => `  ${edge}`), ...styles].join("\n");
  }

  #draw(): void {
    const { mode, environment, steps, stages, gates } = this.#plan;
    this.#lines.push(
      comment(
        `${mode} of ${environment}: ${counted(steps.length, "step")} in ${counted(stages.length, "stage")}`,
      ),
    );
    if (this.#grouping !== "step")
      this.#lines.push(
        comment(`more than Mermaid draws by default: steps of a ${this.#grouping} are one box`),
      );
    this.#lines.push("flowchart LR");
    stages.forEach((stage, at) => {
      this.#drawStage(stage, at);
    });
    const gateNodes = new Map(gates.map(({ id }, at) => [id, `g${at}`]));
    this.#drawGates(gateNodes);
    this.#connectSteps(gateNodes);
    stages.forEach(({ run, runAfter = [] }, at) => {
      if (run) for (const gate of runAfter) this.#connect(gateNodes.get(gate), `c${at}`);
    });
    this.#drawExcluded();
  }

  #drawStage(stage: Stage, at: number): void {
    const { name, run } = stage;
    this.#lines.push(`  subgraph s${at}[${label(name)}]`, "    direction LR");
    for (const { id, text, steps } of this.#nodesOf(stage, at)) {
      this.#lines.push(`    ${id}[${label(text)}]`);
      for (const step of steps) {
        this.#nodeOf.set(step, id);
        this.#stageOf.set(step, `s${at}`);
      }
    }
    if (run) this.#lines.push(`    c${at}[[${label(run.map(quoted).join(" "))}]]:::command`);
    // Some programs that draw it do not take a box with nothing in it.
    else if (stage.steps.length === 0) this.#lines.push(`    e${at}[${label("nothing to do")}]:::excluded`);
    this.#lines.push("  end");
  }

  #nodesOf(stage: Stage, at: number): Node[] {
    const ids = new Set(stage.steps);
    const steps = this.#plan.steps.filter(({ id }) => ids.has(id));
    if (this.#grouping === "step")
      return steps.map((step, nth) => ({ id: `n${at}_${nth}`, text: stepText(step), steps: [step.id] }));
    const groups = groupedBy(steps, (step) => (this.#grouping === "stage" ? "" : firstNamespace(step)));
    return [...groups].map(([name, members], nth) => {
      const count = counted(members.length, "step");
      const text = name === "" ? count : `${name}: ${count}`;
      return { id: `n${at}_${nth}`, text, steps: members.map(({ id }) => id) };
    });
  }

  #drawGates(nodes: ReadonlyMap<string, string>): void {
    const ofStages = this.#grouping === "stage";
    for (const { id, stage, namespace, steps } of this.#plan.gates) {
      const node = nodes.get(id) ?? "";
      // By stage, the gates of a stage are one: they would be as many as there are namespaces.
      const name = namespace === undefined || ofStages ? stage : `${stage} in ${namespace}`;
      if (!ofStages) this.#lines.push(`  ${node}{{${label(`gate ${name}`)}}}:::gate`);
      for (const from of this.#ends(steps)) this.#connect(from, ofStages ? undefined : node);
    }
  }

  /** Where a gate has all steps of a stage, or holds all of them, one arrow from or to the stage says so. */
  #ends(steps: readonly string[]): readonly string[] {
    const wanted = new Set(steps);
    const whole = this.#plan.stages.flatMap((stage, at) =>
      stage.steps.length > 1 && stage.steps.every((id) => wanted.has(id)) ? [{ stage, node: `s${at}` }] : [],
    );
    for (const { stage } of whole) for (const id of stage.steps) wanted.delete(id);
    return [
      ...whole.map(({ node }) => node),
      ...new Set([...wanted].flatMap((id) => this.#nodeOf.get(id) ?? [])),
    ];
  }

  #connectSteps(gateNodes: ReadonlyMap<string, string>): void {
    const { steps } = this.#plan;
    const after = new Map(steps.map((step) => [step.id, new Set(step.after)]));
    const itself = afterItself(this.#plan);
    const held = new Map<string, string[]>();
    for (const step of steps) {
      const { id, after: before, gates: own = [] } = step;
      for (const gate of own) appendTo(held, gate, id);
      for (const other of this.#grouping === "stage" ? before : itself(step)) {
        // What is waited for through another needs no arrow of its own.
        if (before.some((between) => after.get(between)?.has(other))) continue;
        this.#connect(this.#nodeOf.get(other), this.#nodeOf.get(id));
      }
    }
    if (this.#grouping === "stage") return;
    for (const [gate, ids] of held) for (const to of this.#ends(ids)) this.#connect(gateNodes.get(gate), to);
  }

  #drawExcluded(): void {
    const nodes = [
      ...notDeployedBy(this.#plan).leftOut.map(({ reason, names }) => `${firstOf(names, 2)}: ${reason}`),
      ...this.#plan.unreadable.map(({ service }) => `${service}: could not be read`),
    ];
    if (nodes.length === 0) return;
    this.#lines.push(`  subgraph x[${label("left out")}]`, "    direction LR");
    nodes.forEach((text, at) => {
      this.#lines.push(`    x${at}[${label(text)}]:::excluded`);
    });
    this.#lines.push("  end");
  }

  #connect(from: string | undefined, to: string | undefined): void {
    if (from !== undefined && to !== undefined && from !== to) this.#edges.add(`${from} --> ${to}`);
  }
}

const styles = [
  "  classDef gate stroke-width:2px",
  "  classDef command stroke-width:3px",
  "  classDef excluded stroke-dasharray:4 3",
];

function stepText({ id, releases }: Step): string {
  return releases.length > 1 ? `${id}, ${releases.length} releases` : id;
}

function firstNamespace({ releases, service }: Step): string {
  return namespaceOf(releases[0] ?? "") || service;
}
