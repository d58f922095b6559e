import type { Plan, Step } from "../plan/plan.ts";

/** What a runbook is written from. */
export interface RunbookFacts {
  readonly plan: Plan;
  /** The command line that carries the whole plan out, without the name of the program. */
  readonly command: readonly string[];
  /** What of it says which plugin decides, for other verbs. */
  readonly pluginFlags: readonly string[];
  /** It begins only on a cluster without pods of its own. */
  readonly needsWipedCluster: boolean;
  readonly asksBetweenStages: boolean;
  readonly refusesUnreadable: boolean;
  /** Whether it is possible to ask beforehand if what a stage's command deploys may be deployed. */
  readonly hasPreflight: boolean;
  /** Where the helmfiles are. */
  readonly servicesDir: string;
  /** Command lines that carry out just the stage of that name, without the name of the program; others have none. */
  readonly stageCommands: ReadonlyMap<string, readonly string[]>;
  /** What the environment of a step's helmfile has to hold. */
  readonly environmentOf: (step: Step) => Readonly<Record<string, string | undefined>>;
  /** Variables that no helmfile may see. */
  readonly withheld: readonly string[];
}

/** The steps of a stage. */
export function stepsOfStage(name: string, { steps }: Plan): Step[] {
  return steps.filter(({ stage }) => stage === name);
}
