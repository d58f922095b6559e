import type { HookAnswer } from "../core/hooks/hooks.ts";
import type { Plan } from "../core/plan/plan.ts";
import { outcomeKinds } from "../core/rollout/outcome.ts";
import type { Decisions } from "../io/execute-options.ts";
import type { DeployContext } from "./deploy-context.ts";
import { Refusal } from "./settings.ts";

/** What the plugin decides on the way. */
export function pluginDecisions(plan: Plan, { plugin }: Pick<DeployContext, "plugin">): Decisions {
  return {
    ...(plugin.answers("stage:before")
      ? {
          stageBefore: async (stage, outcomes) => {
            const request = {
              version: 1,
              plan,
              stage: stage.name,
              outcomes: outcomeKinds(outcomes),
            } as const;
            const { proceed, reason } = await orElse(plugin.ask("stage:before", request), (fault) => ({
              version: 1 as const,
              proceed: false,
              reason: fault,
            }));
            return proceed
              ? { proceed }
              : { proceed, reason: reason ?? `the plugin ${plugin.name} refused the stage` };
          },
        }
      : {}),
    ...(plugin.answers("stage:after")
      ? {
          gate: async ({ stage, id: gate }, { outcomes, waitedMs }) => {
            const request = {
              version: 1 as const,
              plan,
              stage,
              gate,
              outcomes: outcomeKinds(outcomes),
              waitedSeconds: waitedMs / 1000,
            };
            const { open, reason, againInSeconds } = await orElse(plugin.ask("stage:after", request), closed);
            const again = againInSeconds === undefined ? {} : { againInMs: againInSeconds * 1000 };
            return { open, reason, ...again };
          },
        }
      : {}),
  };
}

function closed(fault: string): HookAnswer<"stage:after"> {
  return { version: 1, open: false, reason: fault };
}

/**
 * A plugin that fails in the middle of a rollout must not end the host, while helmfiles run: what it was asked
 * about stays shut, and says why.
 */
async function orElse<Answer>(asked: Promise<Answer>, otherwise: (fault: string) => Answer): Promise<Answer> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Refusal) return otherwise(error.message);
    throw error;
  }
}
