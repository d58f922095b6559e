import { bullets, code, codes, prose, shellBlock } from "../common/markdown.ts";
import { counted, quoted } from "../common/words.ts";
import { describeHandedOver } from "../plan/left-out.ts";
import type { Gate, Plan, Stage, Step } from "../plan/plan.ts";
import { renderChecks } from "./runbook-checks.ts";
import { commandLine, plainCommands } from "./runbook-command.ts";
import { type RunbookFacts, stepsOfStage } from "./runbook-facts.ts";
import { shellBlocks } from "./shell-loop.ts";

/** One stage: what it is, when it may begin, how to do it alone and by hand, and what to check after it. */
export function renderStage(at: number, facts: RunbookFacts): string[] {
  const { plan } = facts;
  const stage = plan.stages[at];
  if (!stage) return [];
  const steps = stepsOfStage(stage.name, plan);
  const alone = facts.stageCommands.get(stage.name);
  return [
    `## Stage ${at + 1}: ${code(stage.name)}`,
    bullets([
      ...(stage.run ? describeCommand(stage) : describeSteps(steps, plan)),
      ...describeOrder(stage, at, plan),
    ]),
    ...(alone
      ? [
          "With the tool, this stage alone (it shows what would change, and asks once):",
          shellBlock([commandLine(alone)]),
        ]
      : []),
    ...renderByHand(steps, facts),
    ...(stage.run ? renderHandOff(stage.run, facts) : []),
    ...renderChecks(stage, facts),
  ];
}

function describeSteps(steps: readonly Step[], plan: Plan): string[] {
  const releases = steps.flatMap((step) => step.releases);
  const classes = [...new Set(steps.map((step) => step.class))];
  const provided = (plan.provides ?? []).filter(({ release }) => releases.includes(release));
  const services = [...new Set(provided.map(({ service }) => service))];
  const removing = steps.filter(({ removesReleases }) => removesReleases).map(({ id }) => id);
  return [
    `${counted(releases.length, "release")} of class ${codes(classes)}, in ${counted(steps.length, "step")}.`,
    ...(services.length > 0
      ? [`Brings the Services that containers of their namespaces need when they start: ${codes(services)}.`]
      : []),
    ...(removing.length > 0
      ? [
          `helmfile also removes what their helmfiles list as not installed here, should it be there: ${codes(removing)}.`,
        ]
      : []),
  ];
}

function describeCommand({ runDeploys = [] }: Stage): string[] {
  return [
    `Its own command carries it out, and deploys ${prose(describeHandedOver(runDeploys))}: ${codes(runDeploys)}.`,
  ];
}

function describeOrder(stage: Stage, at: number, plan: Plan): string[] {
  const stages = [...new Set(gatesBefore(stage, plan).map((gate) => gate.stage))];
  const gates = `the ${stages.length > 1 ? "gates" : "gate"} of ${codes(stages)}`;
  const open = `${gates} ${stages.length > 1 ? "are" : "is"} open`;
  if (stage.run) {
    const behind = stages.length > 0 ? `, and ${open}` : "";
    return [`Begin when every step of the stages before has ended${behind}.`];
  }
  const holds = heldBy(stage, plan);
  const later = plan.stages.slice(at + 1);
  const commands = later.filter(({ run }) => run).map(({ name }) => name);
  const butFor = commands.length > 0 ? `, but for the command of ${codes(commands)}` : "";
  return [
    ...(stages.length > 0
      ? [`Begin when ${open}: when the checks there have passed.`]
      : at > 0
        ? ["It need not wait for the stages before it, but for what is said below."]
        : []),
    ...(holds.length > 0 ? [`Its gate holds ${holds.join(", and ")}.`] : []),
    ...(holds.length === 0 && later.length > 0
      ? [`Nothing behind it waits until all of it is done${butFor}: its place is a matter of priority.`]
      : []),
  ];
}

/** The gates of other stages that hold steps of this one, or its command. */
function gatesBefore(stage: Stage, plan: Plan): Gate[] {
  const steps = stepsOfStage(stage.name, plan);
  const ids = new Set([...steps.flatMap(({ gates = [] }) => gates), ...(stage.runAfter ?? [])]);
  return plan.gates.filter((gate) => ids.has(gate.id) && gate.stage !== stage.name);
}

function heldBy(stage: Stage, plan: Plan): string[] {
  const gates = new Set(plan.gates.filter((gate) => gate.stage === stage.name).map(({ id }) => id));
  const steps = plan.steps.filter((step) => step.gates?.some((id) => gates.has(id)));
  const stages = [...new Set(steps.map((step) => step.stage))];
  const commands = plan.stages.filter(({ runAfter }) => runAfter?.some((id) => gates.has(id)));
  return [
    ...(steps.length > 0 ? [`${counted(steps.length, "step")} of ${codes(stages)}`] : []),
    ...commands.map(({ name }) => `the command of ${code(name)}`),
  ];
}

/** The plain commands: a block for what has an order among itself, and one loop for blocks that are alike. */
function renderByHand(steps: readonly Step[], facts: RunbookFacts): string[] {
  if (steps.length === 0) return [];
  const chains = chainsOf(steps);
  const blocks = shellBlocks(
    chains.map((chain) => plainCommands(chain, facts)),
    { variable: "service", onFailure: true },
  );
  const sideBySide =
    chains.length > 1 ? "They wait for nothing of each other, and may run side by side. " : "";
  const inTurn = chains.some(({ length }) => length > 1)
    ? "What stands behind `&&` waits for what stands before it. "
    : "";
  return [
    "### By hand",
    `${sideBySide}${inTurn}What failed is run again, before anything that waits for it.`,
    ...renderWaits(steps, facts),
    shellBlock(blocks.flatMap((lines, at) => (at === 0 ? lines : ["", ...lines]))),
  ];
}

/** What no gate holds, and what waits all the same for a step of another stage: by a sequence also of a later one. */
function renderWaits(steps: readonly Step[], { plan }: RunbookFacts): string[] {
  const own = new Set(steps.map(({ id }) => id));
  const stages = new Map(plan.steps.map(({ id, stage }) => [id, stage]));
  const items = steps.flatMap((step) => {
    const gates = plan.gates.filter(({ id }) => step.gates?.includes(id));
    const gated = new Set(gates.flatMap((gate) => gate.steps));
    const before = step.after.filter((id) => !own.has(id) && !gated.has(id));
    const named = before.map((id) => `${code(id)} of ${code(stages.get(id) ?? "")}`);
    return named.length === 0 ? [] : [`${code(step.id)} waits for ${named.join(", ")}: do that first.`];
  });
  return items.length === 0 ? [] : [bullets(items)];
}

/** Steps that wait for each other, in their order; those that wait for nothing of the stage stand alone. */
function chainsOf(steps: readonly Step[]): Step[][] {
  const chainOf = new Map<string, Set<Step>>();
  // Each step stands behind what it waits for, so that all of its chains are known.
  for (const step of steps) {
    const joined = new Set(step.after.flatMap((id) => chainOf.get(id) ?? []));
    const chain = new Set([...joined].flatMap((one) => [...one])).add(step);
    for (const { id } of chain) chainOf.set(id, chain);
  }
  const chains = new Set(steps.flatMap(({ id }) => chainOf.get(id) ?? []));
  return [...chains].map((chain) => steps.filter((step) => chain.has(step)));
}

function renderHandOff(run: readonly string[], { hasPreflight, pluginFlags, plan }: RunbookFacts): string[] {
  return [
    "### By hand",
    ...(hasPreflight
      ? [
          "Ask first whether all of it may be deployed (exit code 0):",
          shellBlock([commandLine(["preflight", "-e", plan.environment, ...pluginFlags])]),
        ]
      : []),
    "Then:",
    shellBlock([run.map(quoted).join(" ")]),
  ];
}
