import { describe, expect, it } from "vitest";
import { apartFromHandedOver, scapDeploysIt } from "../../src/core/plan/handed-over.ts";
import { renderRunReport } from "../../src/core/report/render-run-report.ts";
import type { RolloutEvent } from "../../src/core/rollout/events.ts";
import { doneIn, interruptedWhileItRan, notWanted } from "../../src/core/rollout/outcome-reasons.ts";
import { plan, step } from "../support/plan.ts";
import { reportOf } from "./support/reported.ts";

const main = { release: "mw-web/main", class: "mediawiki", reason: scapDeploysIt };
const gone = { release: "mw-old/main", class: "mediawiki", reason: "not installed in eqiad" };
const command = ["scap", "sync-world"];

describe("what a stage hands over", () => {
  it.each([
    [undefined, undefined, true],
    ["succeeded", undefined, true],
    ["failed", "exit code 1", true],
    ["in-flight", undefined, true],
    ["cancelled", interruptedWhileItRan, true],
    ["skipped", doneIn("eqiad-20261005T110000Z-42"), true],
    ["cancelled", "interrupted", false],
    ["skipped", notWanted, false],
    ["blocked", "a failed", false],
    ["not-begun", undefined, false],
  ])("is not left out; its command: %s (%s)", (outcome, reason, isHandedOver) => {
    expect(apartFromHandedOver([main, gone], { command, outcome, reason })).toEqual({
      leftOut: [gone],
      handedOver: [`${isHandedOver ? "" : "not "}handed to scap`, "1 release"],
    });
  });

  it("is not handed over by a command that could not be started", () => {
    const handOff = { command, outcome: "failed", failure: { kind: "spawn" } };
    const { handedOver } = apartFromHandedOver([main], handOff);
    expect(handedOver).toEqual(["not handed to scap", "1 release"]);
  });

  it("is left out where no stage hands it over", () => {
    expect(apartFromHandedOver([main, gone], undefined)).toEqual({ leftOut: [main, gone] });
  });

  it("is told by the report so, too", () => {
    const stages = [
      { name: "rest", gate: "none" as const },
      { name: "mediawiki", gate: "none" as const, run: command },
    ];
    const what = { ...plan([step("a")], { stages }), excluded: [main, gone] };
    const ended: RolloutEvent[] = what.stages.flatMap((stage): RolloutEvent[] =>
      stage.run
        ? [
            { type: "command-started", stage, command },
            { type: "command-finished", stage, outcome: { kind: "succeeded", durationMs: 1 } },
          ]
        : [],
    );
    const text = renderRunReport(reportOf(ended, { plan: what }));
    expect(text).toMatch(/^ {2}handed to scap +1 release$/m);
    expect(text).toContain("not deployed:\n  mw-old/main: not installed in eqiad\n");
  });
});
