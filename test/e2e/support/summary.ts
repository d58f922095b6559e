import * as z from "zod";

const outcomeSchema = z.object({ kind: z.string() });

const summarySchema = z.object({
  version: z.literal(1),
  environment: z.string(),
  mode: z.string(),
  durationMs: z.number(),
  steps: z.array(z.object({ id: z.string(), outcome: outcomeSchema })),
  commands: z.array(z.object({ stage: z.string(), outcome: outcomeSchema })),
});

/** How the steps and the stages with a command ended, by their names. */
export type Outcomes = Readonly<Record<string, string>>;

/** The outcomes in what a rollout with `-o json` writes to standard output, which must hold nothing else. */
export function outcomesIn(stdout: string): Outcomes {
  const { steps, commands } = summarySchema.parse(JSON.parse(stdout));
  return Object.fromEntries([
    ...steps.map(({ id, outcome }) => [id, outcome.kind]),
    ...commands.map(({ stage, outcome }) => [stage, outcome.kind]),
  ]);
}
