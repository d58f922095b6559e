import type { StageEntry } from "../registry/registry.ts";
import type { Stage, Step } from "./plan.ts";

/** The stages that have something to do. */
export function planStages(
  steps: readonly Step[],
  context: {
    readonly stages: readonly StageEntry[];
    readonly commands: readonly number[];
    readonly runAfter: ReadonlyMap<number, readonly string[]>;
    readonly environment: string;
    readonly runDeploys: readonly string[];
  },
): Stage[] {
  const stepsOf = new Map<string, string[]>(context.stages.map((stage) => [stage.name, []]));
  for (const step of steps) stepsOf.get(step.stage)?.push(step.id);
  return context.stages.flatMap((stage, at): Stage[] => {
    const ids = stepsOf.get(stage.name) ?? [];
    const runs = context.commands.includes(at);
    if (ids.length === 0 && !runs) return [];
    const run = stage.run && fillEnvironment(stage.run, context.environment);
    return [
      {
        name: stage.name,
        gate: stage.gate,
        steps: ids,
        ...(runs && run
          ? { run, runAfter: [...(context.runAfter.get(at) ?? [])], runDeploys: [...context.runDeploys] }
          : {}),
      },
    ];
  });
}

/** `{environment}` in the words of a command is the environment's name. */
export function fillEnvironment(words: readonly string[], environment: string): string[] {
  return words.map((word) => word.replaceAll("{environment}", environment));
}
