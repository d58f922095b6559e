import { describe, expect, it } from "vitest";
import { scapDeploysIt } from "../../src/core/plan/included.ts";
import { notDeployed, notDeployedBy } from "../../src/core/plan/left-out.ts";
import { renderRunReport } from "../../src/core/report/render-run-report.ts";
import type { RolloutEvent } from "../../src/core/rollout/events.ts";
import { doneIn, interruptedWhileItRan, notWanted } from "../../src/core/rollout/outcome-reasons.ts";
import { plan, step } from "../support/plan.ts";
import { reportOf } from "./support/reported.ts";

const main = { release: "mw-web/main", class: "mediawiki", reason: scapDeploysIt };
const gone = { release: "mw-old/main", class: "mediawiki", reason: "not installed in eqiad" };
const byOperator = { release: "mw-api/main", class: "mediawiki", reason: "excluded by --exclude mw-api" };
const command = ["scap", "sync-world"];
const leftOut = (reason: string, ...names: string[]) => ({ reason, what: "release", names });

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
    expect(notDeployed({ excluded: [main, gone] }, { command, outcome, reason })).toEqual({
      leftOut: [leftOut("not installed in eqiad", "mw-old/main")],
      handedOver: [`${isHandedOver ? "" : "not "}handed to scap`, "1 release"],
    });
  });

  it("is not handed over by a command that could not be started", () => {
    const handOff = { command, outcome: "failed", failure: { kind: "spawn" } };
    const { handedOver } = notDeployed({ excluded: [main] }, handOff);
    expect(handedOver).toEqual(["not handed to scap", "1 release"]);
  });

  it("is left out where no stage hands it over", () => {
    expect(notDeployed({ excluded: [main, gone] }, undefined)).toEqual({
      leftOut: [leftOut(scapDeploysIt, "mw-web/main"), leftOut("not installed in eqiad", "mw-old/main")],
    });
  });

  it("is what its command deploys, not what is left to it: what somebody excluded is deployed all the same", () => {
    const deploys = ["mw-web/main", "mw-api/main", "mw-debug/*"];
    const excluded = [main, byOperator];
    expect(notDeployed({ excluded }, { command, deploys })).toEqual({
      leftOut: [leftOut("excluded by --exclude mw-api; scap deploys it all the same", "mw-api/main")],
      handedOver: ["handed to scap", "2 releases and mw-debug/*"],
    });
    expect(notDeployed({ excluded }, { command, deploys, outcome: "blocked" })).toEqual({
      leftOut: [leftOut("excluded by --exclude mw-api", "mw-api/main")],
      handedOver: ["not handed to scap", "2 releases and mw-debug/*"],
    });
  });

  it("is nothing where there is nothing to deploy", () => {
    expect(notDeployed({ excluded: [gone] }, { command, deploys: [] })).toEqual({
      leftOut: [leftOut("not installed in eqiad", "mw-old/main")],
    });
  });

  it("is told of a plan by its stage", () => {
    const stages = [{ name: "mediawiki", gate: "none" as const, run: command, runDeploys: ["mw-web/main"] }];
    const what = { ...plan([], { stages }), excluded: [main] };
    const outcomes = new Map([["mediawiki", { kind: "blocked", on: ["a"], reason: "a failed" } as const]]);
    expect(notDeployedBy(what).handedOver).toEqual(["handed to scap", "1 release"]);
    expect(notDeployedBy(what, outcomes).handedOver).toEqual(["not handed to scap", "1 release"]);
    expect(notDeployedBy({ ...what, stages: [] })).toEqual({
      leftOut: [leftOut(scapDeploysIt, "mw-web/main")],
    });
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
