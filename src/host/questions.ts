import { counted } from "../core/common/words.ts";
import { describeFailure } from "../core/helmfile-output/describe-failure.ts";
import type { Plan, Stage, Step } from "../core/plan/plan.ts";
import { renderStepDiff, type StepDiff } from "../core/rollout/diff-result.ts";
import type { Unsuccessful } from "../core/rollout/outcome.ts";
import { renderFailureDetails } from "../core/view/render-failure.ts";
import { renderStart, type StartFacts } from "../core/view/render-start.ts";
import { createAsk, typeText } from "../io/ask.ts";
import type { Decisions } from "../io/execute-options.ts";
import type { RolloutSink } from "../io/rollout-sink.ts";
import { takeDiff } from "../io/take-diffs.ts";
import type { DeployContext } from "./deploy-context.ts";

/** Everything that the operator is asked in a rollout. `--yes` answers all of it; without a terminal nobody asks. */
export interface Questions {
  readonly start: (plan: Plan, facts: StartFacts) => Promise<"yes" | "no">;
  readonly applyDiffs: (count: number) => Promise<"all" | "choose" | "quit">;
  readonly applyOne: (service: string) => Promise<"yes" | "no" | "quit">;
  /** An ordinary question: yes or no. */
  readonly goOn: (question: string) => Promise<"yes" | "quit">;
  /** The name of the environment, typed; undefined where it was not. */
  readonly typeName: (environment: string) => Promise<string | undefined>;
  /** What the operator decides on the way; nothing where nobody is asked. */
  readonly decisions: (plan: Plan) => Decisions;
}

export function createQuestions(context: DeployContext, sink: RolloutSink): Questions {
  const { settings, terminal, interruption, verb } = context;
  const asks = terminal.interactive && !settings.yes;
  const raw = createAsk(sink);
  const ask: typeof raw = async (message, choices, options) => {
    const signal = AbortSignal.any([interruption.signal, ...(options?.signal ? [options.signal] : [])]);
    const answer = await raw(message, choices, { ...options, signal });
    // The prompt owns the keyboard, so Ctrl-C comes as no answer and not as a signal.
    if (answer === undefined && !signal.aborted) interruption.interrupt();
    return answer;
  };
  const toQuit = { letter: "q", value: "quit", text: "stop here" } as const;

  return {
    start: async (plan, facts) => {
      terminal.tell(`\n${renderStart(plan, facts)}`);
      if (!asks) return "yes";
      const answer = await ask(`${verb.name} ${plan.environment}?`, [
        { letter: "y", value: "yes", text: "yes, deploy all of this" },
        { letter: "n", value: "no", text: "no, deploy nothing" },
      ]);
      return answer ?? "no";
    },
    applyDiffs: async (count) => {
      if (!asks) return "all";
      const answer = await ask(`apply ${counted(count, "step")}?`, [
        { letter: "a", value: "all", text: "apply all of them" },
        { letter: "c", value: "choose", text: "choose per service" },
        { ...toQuit, text: "apply nothing" },
      ]);
      return answer ?? "quit";
    },
    applyOne: async (service) => {
      const answer = await ask(`apply ${service}?`, [
        { letter: "y", value: "yes", text: "apply it" },
        { letter: "n", value: "no", text: "leave it" },
        { ...toQuit, text: "apply nothing at all" },
      ]);
      return answer ?? "quit";
    },
    goOn: async (question) => {
      if (!asks) return "yes";
      const answer = await ask(question, [
        { letter: "y", value: "yes", text: "yes" },
        { ...toQuit, text: "deploy nothing" },
      ]);
      return answer ?? "quit";
    },
    typeName: async (environment) => {
      const typed = await typeText(`to go on with ${environment} all the same, type its name:`, {
        signal: interruption.signal,
      });
      if (typed === undefined && !interruption.signal.aborted) interruption.interrupt();
      return typed;
    },
    decisions: (plan) =>
      asks
        ? operatorDecisions(ask, {
            plan,
            betweenStages: verb.asksBetweenStages,
            tell: terminal.tell,
            diffOf: (step, signal) => takeDiff(step, { env: context.env, signal }),
          })
        : {},
  };
}

/** What the operator decides on the way, by charlie's letters. */
function operatorDecisions(
  ask: ReturnType<typeof createAsk>,
  {
    plan,
    betweenStages,
    tell,
    diffOf,
  }: {
    plan: Plan;
    betweenStages: boolean;
    tell: (text: string) => void;
    diffOf: (step: Step, signal: AbortSignal) => Promise<StepDiff>;
  },
): Decisions {
  return {
    stepFailed: async (step, outcome, signal) => {
      const choices = [
        { letter: "r", value: "retry", text: "try it again" },
        { letter: "n", value: "next", text: "go on with the others" },
        { letter: "d", value: "diff", text: "show what it would change" },
        { letter: "q", value: "quit", text: "begin nothing more" },
      ] as const;
      const details =
        outcome.kind === "failed"
          ? renderFailureDetails(outcome.failure, { mostLines: linesBeforeQuestion, width: 500 })
          : [];
      for (let shown = details; ; ) {
        const lines = shown;
        const before = () => {
          if (lines.length > 0) tell(lines.join("\n"));
        };
        const answer = await ask(`${step.id} ${describeTrouble(outcome)}:`, choices, { before, signal });
        if (answer !== "diff") return answer ?? "next";
        tell(`taking the diff of ${step.id}`);
        shown = [renderStepDiff(await diffOf(step, signal), plan.environment)];
      }
    },
    gateShut: async (gate, reason, signal) => {
      const choices = [
        { letter: "r", value: "retry", text: "try what it waits for again" },
        { letter: "g", value: "open", text: "go on all the same" },
        { letter: "q", value: "quit", text: "begin nothing more" },
      ] as const;
      const answer = await ask(`the gate of ${gate.id} stays shut (${reason}):`, choices, { signal });
      return answer ?? "quit";
    },
    commandRefused: async (stage, reason, signal) => {
      const choices = [
        { letter: "r", value: "retry", text: "look again" },
        { letter: "g", value: "go", text: "run it all the same" },
        { letter: "n", value: "skip", text: "leave it to me" },
      ] as const;
      const answer = await ask(`${stage.name} may not begin (${reason}):`, choices, { signal });
      return answer ?? "skip";
    },
    command: async (stage) => {
      const answer = await ask(`${stage.name} of ${plan.environment}: run ${stage.run?.join(" ")}?`, [
        { letter: "y", value: "go", text: "run it now" },
        { letter: "n", value: "skip", text: "leave it to me" },
      ]);
      return answer ?? "skip";
    },
    ...(betweenStages
      ? {
          nextStage: async ({ name }: Stage, left: readonly string[]) => {
            const answer = await ask(`go on with stage ${name} (${counted(left.length, "step")})?`, [
              { letter: "y", value: "go", text: "go on" },
              { letter: "q", value: "quit", text: "stop here" },
            ]);
            return answer ?? "quit";
          },
        }
      : {}),
  };
}

/** On a terminal nothing of a step's output but its last line was shown meanwhile. */
const linesBeforeQuestion = 40;

function describeTrouble(outcome: Unsuccessful): string {
  return outcome.kind === "failed"
    ? `failed (${describeFailure(outcome.failure)})`
    : `is blocked (${outcome.reason})`;
}
