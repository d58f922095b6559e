import type { Stage } from "../../../src/core/plan/plan.ts";
import type { RolloutEvent } from "../../../src/core/rollout/events.ts";
import type { StepFailure } from "../../../src/core/rollout/outcome.ts";
import { plan, step } from "../../support/plan.ts";

const [web, shop] = [step("mw-web/main", [], { service: "mw-web" }), step("shop", [], { action: "apply" })];
const what = plan([web, shop]);
const stage: Stage = { name: "rest", gate: "wait", steps: ["mw-web/main", "shop"] };
const handOff: Stage = { name: "hand-off", gate: "none", steps: [], run: ["scap", "sync-world"] };
const gate = { id: "support:mw-web", stage: "support", namespace: "mw-web", steps: ["mw-web/prometheus"] };
const failure: StepFailure = { kind: "exit", exitCode: 1, lastLines: ["Error: no"] };
const result = { outcomes: new Map(), commands: new Map(), durationMs: 1 };

const all: {
  readonly [Type in RolloutEvent["type"]]: readonly Omit<Extract<RolloutEvent, { type: Type }>, "type">[];
} = {
  "rollout-started": [
    { plan: what, jobs: 8 },
    { plan: { ...plan([shop]), mode: "apply" }, jobs: 1 },
  ],
  "stage-started": [{ stage }, { stage: { ...stage, steps: ["shop"] } }, { stage: handOff }],
  "step-started": [
    { step: web, attempt: 1 },
    { step: shop, attempt: 2 },
  ],
  "step-printed": [{ step: web, line: "  Upgrading release=main" }],
  "step-noticed": [
    { step: web, evidence: { kind: "crashed", subject: "pod mw-web/a-1", message: "exits with 137" } },
    {
      step: web,
      evidence: {
        ...{ kind: "log", subject: "pod mw-web/a-1", message: "its last lines", remedy: "deploy a first" },
        lines: ["one", "two"],
      },
    },
  ],
  "step-retrying": [{ step: web, failure, reason: "the connection was refused", afterMs: 30_000 }],
  "release-mending": [
    {
      ...{ step: web, release: "mw-web/main", status: "pending-upgrade" },
      command: ["helm", "rollback", "main"],
    },
  ],
  "step-finished": [
    { step: web, outcome: { kind: "succeeded", durationMs: 61_000 } },
    { step: web, outcome: { kind: "failed", durationMs: 7000, failure } },
    {
      step: web,
      outcome: {
        kind: "failed",
        durationMs: 7000,
        failure: { ...failure, notTriedAgain: "main is pending" },
      },
    },
    { step: web, outcome: { kind: "blocked", on: ["shop"], reason: "shop failed" } },
    { step: web, outcome: { kind: "skipped", reason: "no change" } },
    { step: web, outcome: { kind: "cancelled", reason: "interrupted" } },
  ],
  "gate-waiting": [{ gate, reason: "Service mw-web/a has no cluster IP" }],
  "gate-opened": [{ gate, reason: "1 Service is there" }],
  "gate-stayed-shut": [{ gate, reason: "mw-web/prometheus failed" }],
  "command-allowed": [{ stage: handOff, reason: "1 step failed" }],
  "command-started": [{ stage: handOff, command: ["scap", "sync-world", "--k8s-only"] }],
  "command-printed": [{ stage: handOff, line: "Started sync" }],
  "command-finished": [
    { stage: handOff, outcome: { kind: "succeeded", durationMs: 9000 } },
    { stage: handOff, outcome: { kind: "failed", durationMs: 9000, failure } },
    { stage: handOff, outcome: { kind: "skipped", reason: "not wanted by the operator" } },
  ],
  "stage-finished": [{ stage }],
  "rollout-stopping": [
    { reason: "interrupted", running: [web, shop] },
    { reason: "stopped by the operator", running: [] },
  ],
  "rollout-finished": [{ result }, { result: { ...result, stopped: "interrupted" } }],
};

/** Every event there is, each as often as there are ways to tell it. */
export const everyEvent: readonly RolloutEvent[] = Object.entries(all).flatMap(([type, events]) =>
  events.map((event) => ({ type, ...event }) as RolloutEvent),
);
