import type { RolloutEvent } from "../../src/core/rollout/events.ts";
import { journalText } from "../core/support/journal-text.ts";
import { plan, step } from "./plan.ts";

/** What somebody who wants a reader's browser to do something would put wherever text goes. */
export const hostile: readonly string[] = [
  "<script>window.hit=1</script>",
  "</script><script>window.hit=1</script>",
  '"><img src=x onerror="window.hit=1">',
  "<!--<script>",
  "]]><xss>",
  "'onmouseover='window.hit=1",
  "\u202ereversed\u2066",
  "line\u2028two\u2029three",
  "bell\u0007 and \u001b[31mred\u001b[0m",
  "&lt;b&gt; &amp;",
  "{{7*7}} `x` $(window.hit=1)",
  "<iframe src=javascript:alert(1)>",
];

/** A run of which every word that comes from outside is hostile. */
export function hostileJournal(): string {
  const steps = hostile.map((word, at) =>
    step(`${at} ${word}`, at === 0 ? [] : [`0 ${hostile[0]}`], {
      ...{ service: word, helmfile: word, releases: [`${word}/main`], class: word },
      ...{ args: ["--file", word], stage: word },
    }),
  );
  const whole = plan(steps, {
    stages: hostile.map((name, at) => ({ name, gate: "none", ...(at === 0 && { run: [...hostile] }) })),
    gates: [{ id: hostile[1] ?? "", stage: hostile[0] ?? "", steps: [] }],
  });
  const [gate] = whole.gates;
  const [stage] = whole.stages;
  const failure = {
    ...({ kind: "exit", exitCode: 1, lastLines: hostile, evidence: hostile } as const),
    notTriedAgain: hostile.join(" "),
  };
  const events: RolloutEvent[] = [
    { type: "rollout-started", plan: whole, jobs: 3 },
    ...steps.flatMap((one, at): RolloutEvent[] => [
      { type: "step-started", step: one, attempt: 1 },
      {
        type: "step-noticed",
        step: one,
        evidence: {
          kind: "log",
          subject: hostile[at] ?? "",
          message: hostile[at] ?? "",
          lines: hostile,
          remedy: hostile[at] ?? "",
        },
      },
      { type: "step-finished", step: one, outcome: { kind: "failed", durationMs: 500, failure } },
    ]),
    ...(gate ? [{ type: "gate-stayed-shut", gate, reason: hostile.join(" ") } as const] : []),
    ...(stage ? [{ type: "command-started", stage, command: hostile } as const] : []),
    { type: "rollout-stopping", reason: hostile[0] ?? "", running: [] },
  ];
  const [user = "", host = "", from = ""] = hostile;
  return journalText(events, {
    plan: whole,
    header: { user, host, from, argv: [...hostile], cwd: from, tools: { helm: host } },
  });
}
