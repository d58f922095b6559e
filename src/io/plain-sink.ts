import { stripVTControlCharacters } from "node:util";
import { createConsola } from "consola";
import { colors } from "consola/utils";
import type { RolloutEvent } from "../core/events.ts";
import { renderEvidence } from "../core/evidence.ts";
import { describeFailure, type StepOutcome } from "../core/outcome.ts";
import { counted, renderDuration } from "../core/report.ts";
import { untilDrained } from "./drain.ts";

/** Prints what happens, a line each, with the service and the environment before what a step says. */
export interface PlainSink {
  readonly on: (event: RolloutEvent) => void;
  /** Prints what is true only now: while a question stands, not even later. */
  readonly tell: (text: string) => void;
  /** A promise where the reader of the terminal's stream cannot follow, until it can. */
  readonly congested: () => Promise<void> | undefined;
  /** Holds lines back while a question stands on the terminal. */
  readonly pause: () => void;
  readonly resume: () => void;
}

const marks = {
  info: `${colors.cyan("i")} `,
  success: `${colors.green("✔")} `,
  warn: `${colors.yellow("!")} `,
  error: `${colors.red("✖")} `,
  log: "  ",
} as const;

/** How many lines are held back at most while a question stands. */
const heldLines = 2000;

type Kind = keyof typeof marks;

function isKind(type: string): type is Kind {
  return type in marks;
}

export function plainSink(options: {
  readonly environment: string;
  readonly printsOutput: boolean;
}): PlainSink {
  const printer = createConsola({
    level: 3,
    // Its guard against floods would swallow lines that are alike.
    throttle: 0,
    reporters: [
      {
        log: ({ type, args }) => {
          const mark = isKind(type) ? marks[type] : "";
          const text = args.join(" ");
          process.stderr.write(`${mark}${process.stderr.isTTY ? text : stripVTControlCharacters(text)}\n`);
        },
      },
    ],
  });
  let held: [Kind, string][] | undefined;
  let dropped = 0;
  const print = (kind: Kind, text: string) => {
    if (!held) printer[kind](text);
    // A question may stand overnight. How a step ended is kept in any case.
    else if (kind === "log" && held.length >= heldLines) dropped += 1;
    else held.push([kind, text]);
  };
  return {
    on: (event) => {
      const line = describeEvent(event, options);
      if (line) print(...line);
    },
    tell: (text) => {
      if (!held) printer.info(text);
    },
    congested: () => untilDrained(process.stderr),
    pause: () => {
      held ??= [];
    },
    resume: () => {
      const lines = held ?? [];
      held = undefined;
      for (const [kind, text] of lines) printer[kind](text);
      if (dropped > 0)
        printer.warn(`${counted(dropped, "more line")} came meanwhile: they are in the logs only`);
      dropped = 0;
    },
  };
}

function describeEvent(
  event: RolloutEvent,
  { environment, printsOutput }: { environment: string; printsOutput: boolean },
): [Kind, string] | undefined {
  const prefix = (service: string) => `[${service} ${environment}]`;
  switch (event.type) {
    case "rollout-started": {
      const { plan, jobs } = event;
      return [
        "info",
        `${plan.mode} of ${environment}: ${counted(plan.steps.length, "step")}, ${jobs} at a time`,
      ];
    }
    case "stage-started":
      return [
        "info",
        `stage ${event.stage.name}${event.stage.run ? "" : `: ${counted(event.stage.steps.length, "step")}`}`,
      ];
    case "step-started": {
      const again = event.attempt > 1 ? ` (try ${event.attempt})` : "";
      return ["log", `${prefix(event.step.service)} ${event.step.id}: ${event.step.action}${again}`];
    }
    case "step-printed":
      return printsOutput ? ["log", `${prefix(event.step.service)} ${event.line}`] : undefined;
    case "step-noticed":
      return [
        "warn",
        renderEvidence(event.evidence)
          .map((line) => `${prefix(event.step.service)} ${line}`)
          .join("\n  "),
      ];
    case "step-retrying": {
      const { step, failure, reason, afterMs } = event;
      const why = `${describeFailure(failure)}; as ${reason}, it is tried again in ${renderDuration(afterMs)}`;
      return ["warn", `${prefix(step.service)} ${step.id} failed: ${why}`];
    }
    case "release-mending": {
      const { step, release, status, command } = event;
      return ["warn", `${prefix(step.service)} ${release} is ${status}: ${command.join(" ")}`];
    }
    case "step-finished":
      return [
        kindOf(event.outcome),
        `${prefix(event.step.service)} ${event.step.id} ${describeOutcome(event.outcome)}`,
      ];
    case "gate-waiting":
      return ["info", `gate ${event.gate.id} waits: ${event.reason}`];
    case "gate-opened":
      return ["info", `gate ${event.gate.id} open: ${event.reason}`];
    case "gate-stayed-shut":
      return ["warn", `gate ${event.gate.id} stays shut: ${event.reason}`];
    case "command-allowed":
      return ["warn", `${prefix(event.stage.name)} runs all the same: ${event.reason}`];
    case "command-started":
      return ["info", `${prefix(event.stage.name)} ${event.command.join(" ")}`];
    case "command-printed":
      return ["log", `${prefix(event.stage.name)} ${event.line}`];
    case "command-finished":
      return [kindOf(event.outcome), `${prefix(event.stage.name)} ${describeOutcome(event.outcome)}`];
    case "rollout-stopping":
      return [
        "warn",
        describeStop(
          event.reason,
          event.running.map((step) => step.id),
        ),
      ];
    case "stage-finished":
    case "rollout-finished":
      return undefined;
  }
}

function describeStop(reason: string, running: readonly string[]): string {
  if (running.length === 0) return `${reason}: no new steps`;
  return `${reason}: no new steps; waiting for ${running.join(", ")} to end`;
}

function kindOf({ kind }: StepOutcome): Kind {
  if (kind === "succeeded") return "success";
  return kind === "failed" ? "error" : "warn";
}

/** How a step ended, in words. */
function describeOutcome(outcome: StepOutcome): string {
  switch (outcome.kind) {
    case "succeeded":
      return `succeeded in ${renderDuration(outcome.durationMs)}`;
    case "failed":
      return `failed after ${renderDuration(outcome.durationMs)}: ${describeFailure(outcome.failure)}`;
    case "blocked":
    case "skipped":
    case "cancelled":
      return `${outcome.kind}: ${outcome.reason}`;
  }
}
