import { scapDeploysIt } from "../../../src/core/plan/included.ts";
import type { Gate, Stage } from "../../../src/core/plan/plan.ts";
import type { RolloutEvent } from "../../../src/core/rollout/events.ts";
import type { StepFailure, StepOutcome } from "../../../src/core/rollout/outcome.ts";
import { doneIn, gateSkipped } from "../../../src/core/rollout/outcome-reasons.ts";
import { plan, step } from "../../support/plan.ts";
import { journalText } from "./journal-text.ts";

/*
 * daemonsets  mw-mcrouter            0:00 ... 4:00
 *             calico                 done by an earlier run
 * support     mw-web/prometheus           4:00 x 6:00 .. 9:00            (gate support:mw-web: 10:00)
 *             mw-debug/prometheus         4:00 ....... 12:00 fails       (gate support:mw-debug stays shut)
 *             mw-cron/prometheus          4:00 .. 5:00                   (gate support:mw-cron is skipped)
 * mediawiki   mw-web/main                                10:00 ......... 58:00
 *             mw-cron/main                           6:00 .... 20:00 interrupted
 *             mw-debug/main, next        blocked
 * rest        shop                                             20:00 ... in flight, at its second try
 *             nets (three namespaces)                    9:30 fails to start
 *             thumbor                                     12:00 . 21:00 (gate rest is waited for)
 * late        toolhub                    not begun
 * hand-off    scap                                                       58:00 ... 1:05:00 fails
 */
const daemonset = { stage: "daemonsets" };
const support = (namespace: string) =>
  step(`${namespace}/prometheus`, ["mw-mcrouter"], {
    ...{ service: namespace, class: "support", stage: "support" },
    releases: [`${namespace}/prometheus`],
  });
const deployment = (id: string, gate: string) => {
  const [namespace = ""] = id.split("/");
  return step(id, [`${namespace}/prometheus`], {
    ...{ service: namespace, class: "mediawiki", stage: "mediawiki" },
    ...{ releases: [id], gates: [gate] },
  });
};

const mcrouter = step("mw-mcrouter", [], daemonset);
const calico = step("calico", [], daemonset);
const [web, debug, cron] = [support("mw-web"), support("mw-debug"), support("mw-cron")];
const webMain = deployment("mw-web/main", "support:mw-web");
const cronMain = deployment("mw-cron/main", "support:mw-cron");
const debugMains = ["mw-debug/main", "mw-debug/next"].map((id) => deployment(id, "support:mw-debug"));
const shop = step("shop", [], { action: "apply" });
const nets = step("nets", [], { releases: ["net-a/main", "net-b/main", "net-c/main"] });
const [thumbor, toolhub] = [step("thumbor"), step("toolhub", [], { stage: "late" })];

const supportGate = (namespace: string): Gate => ({
  ...{ id: `support:${namespace}`, stage: "support", namespace },
  steps: [`${namespace}/prometheus`],
});
const [webGate, debugGate, cronGate] = [
  supportGate("mw-web"),
  supportGate("mw-debug"),
  supportGate("mw-cron"),
];
const daemonsGate: Gate = { id: "daemonsets", stage: "daemonsets", steps: ["mw-mcrouter", "calico"] };
const restGate: Gate = { id: "rest", stage: "rest", steps: ["thumbor"] };
const lateGate: Gate = { id: "late:toolhub", stage: "late", namespace: "toolhub", steps: ["toolhub"] };

const scap = ["scap", "sync-world", "--message", "after a restore"];
const handOff: Stage = { name: "hand-off", gate: "none", steps: [], run: scap, runAfter: ["support:mw-web"] };

const what = {
  ...plan(
    [mcrouter, calico, web, debug, cron, webMain, cronMain, ...debugMains, shop, nets, thumbor, toolhub],
    {
      gates: [daemonsGate, webGate, debugGate, cronGate, restGate, lateGate],
      stages: [
        { name: "daemonsets", gate: "wait" },
        { name: "support", gate: "wait" },
        { name: "mediawiki", gate: "none" },
        { name: "rest", gate: "wait" },
        { name: "late", gate: "wait" },
        handOff,
      ],
    },
  ),
  excluded: [
    { release: "mw-api/main", class: "mediawiki", reason: scapDeploysIt },
    { release: "mw-jobs/main", class: "mediawiki", reason: scapDeploysIt },
    { release: "shop/staging", class: "other", reason: "not installed in eqiad" },
  ],
  unreadable: [{ service: "torn", message: "torn/helmfile.yaml: <no value>" }],
};

const earlier = "eqiad-20261005T100000Z-7";
const refused: StepFailure = { kind: "exit", exitCode: 1, lastLines: ["Error: connection refused"] };
const hopeless: StepFailure = {
  ...{ kind: "exit", exitCode: 1 },
  lastLines: ["Upgrading release=prometheus", "Error: context deadline exceeded"],
  evidence: ["pod mw-debug/prometheus-1: reads A_SERVICE_HOST, and there is no Service a"],
};

const begun = (of: typeof shop, attempt = 1): RolloutEvent => ({ type: "step-started", step: of, attempt });
const ended = (of: typeof shop, outcome: StepOutcome): RolloutEvent => ({
  ...{ type: "step-finished", step: of, outcome },
});
const took = (minutes: number): StepOutcome => ({ kind: "succeeded", durationMs: minutes * 60_000 });
const failed = (minutes: number, failure: StepFailure): StepOutcome => ({
  ...{ kind: "failed", durationMs: minutes * 60_000, failure },
});
const blocked = (of: typeof shop): RolloutEvent =>
  ended(of, {
    ...{ kind: "blocked", on: ["mw-debug/prometheus"] },
    reason: "the gate of support stayed shut: mw-debug/prometheus failed",
  });
const retrying = (of: typeof shop): RolloutEvent => ({
  ...{ type: "step-retrying", step: of, failure: refused },
  ...{ reason: "the connection was refused", afterMs: 30_000 },
});

/** What happened, and when, in minutes. */
const happened: readonly (readonly [minute: number, event: RolloutEvent])[] = [
  [0, { type: "rollout-started", plan: what, jobs: 4 }],
  [0, ended(calico, { kind: "skipped", reason: doneIn(earlier) })],
  [0, begun(mcrouter)],
  [4, ended(mcrouter, took(4))],
  [4, { type: "gate-opened", gate: daemonsGate, reason: "2 steps succeeded" }],
  [4, begun(web)],
  [4, begun(debug)],
  [4, begun(cron)],
  [5, ended(cron, took(1))],
  [5, { type: "gate-opened", gate: cronGate, reason: gateSkipped("--skip-gate support:mw-cron") }],
  [5.5, retrying(web)],
  [6, begun(web, 2)],
  [6, begun(cronMain)],
  [
    7,
    {
      ...{ type: "step-noticed", step: debug },
      evidence: { kind: "crashed", subject: "pod mw-debug/prometheus-1", message: "exits with <1>" },
    },
  ],
  [
    8,
    {
      ...{ type: "step-noticed", step: debug },
      evidence: {
        ...{ kind: "missing-variable", subject: "pod mw-debug/prometheus-1", conclusive: true },
        ...{ message: "reads A_SERVICE_HOST, and there is no Service a", remedy: "deploy a first" },
      },
    },
  ],
  [
    8.5,
    {
      ...{ type: "step-noticed", step: web },
      evidence: { kind: "waiting", subject: "pod mw-web/a-1", message: "Pending", remedy: "add a node" },
    },
  ],
  [9, ended(web, took(3))],
  [9, { type: "gate-waiting", gate: webGate, reason: "Service mw-web/a has no cluster IP" }],
  [9.5, begun(nets)],
  [9.5, ended(nets, failed(0, { kind: "spawn", message: "spawn helmfile ENOENT" }))],
  [10, { type: "gate-opened", gate: webGate, reason: "1 step succeeded, 1 Service is there" }],
  [10, begun(webMain)],
  [12, ended(debug, failed(8, hopeless))],
  [12, { type: "gate-stayed-shut", gate: debugGate, reason: "mw-debug/prometheus failed" }],
  ...debugMains.map((one) => [12, blocked(one)] as const),
  [12, begun(thumbor)],
  [19, begun(shop)],
  [19.5, retrying(shop)],
  [20, { type: "rollout-stopping", reason: "interrupted", running: [cronMain, webMain, thumbor] }],
  [20, ended(cronMain, { kind: "cancelled", reason: "interrupted while it ran" })],
  [20, begun(shop, 2)],
  [21, ended(thumbor, took(9))],
  [21, { type: "gate-waiting", gate: restGate, reason: "Service thumbor/a has no cluster IP" }],
  [58, ended(webMain, took(48))],
  [58, { type: "command-allowed", stage: handOff, reason: "4 steps did not succeed" }],
  [58, { type: "command-started", stage: handOff, command: scap }],
  [65, { type: "command-finished", stage: handOff, outcome: failed(7, refused) }],
  [66, { type: "stage-finished", stage: handOff }],
];

/** The journal of a run in which a bit of everything happened, until it was killed after more than an hour. */
export const eventfulJournal = journalText(
  happened.map(([, event]) => event),
  {
    plan: what,
    header: { resumes: earlier, cwd: "/home/alice", argv: ["restore", "-e", "eqiad", "--resume", earlier] },
    seconds: happened.map(([minute]) => minute * 60),
  },
);
