import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planChanges, renderPlanChanges } from "../../src/core/plan/plan-changes.ts";
import { plan, step } from "../support/plan.ts";

const gate = { id: "gate-support", stage: "rest", steps: ["a"] };
const handOff = (...run: [string, ...string[]]) => ({
  name: "hand-off",
  gate: "none" as const,
  run,
  steps: [],
});
const rest = { name: "rest", gate: "none" as const };

function shown(...plans: Parameters<typeof planChanges>): string[] {
  return renderPlanChanges(planChanges(...plans));
}

describe("what changed between two plans", () => {
  it("is nothing where only the verb is another, or the order of releases", () => {
    const before = step("a", ["b"], { releases: ["a/x", "a/y"], args: ["-l", "x", "sync"] });
    const after = step("a", ["b"], {
      action: "apply",
      releases: ["a/y", "a/x"],
      args: ["-l", "x", "apply", "--context", "5"],
    });
    expect(planChanges(plan([before, step("b")]), plan([step("b"), after]))).toEqual([]);
  });

  it("is told for steps, gates and commands alike: what came, what went, and what is other", () => {
    const before = plan([step("a"), step("b"), step("c", ["a"])], {
      gates: [gate],
      stages: [rest, handOff("scap", "sync-world")],
    });
    const after = plan(
      [
        step("a", [], { releases: ["a/other"], kubeconfig: "/etc/a" }),
        step("c", ["d"], { stage: "late", removesReleases: true, args: ["--file", "x y", "sync"] }),
        step("d"),
      ],
      {
        gates: [
          { ...gate, namespace: "mw-web", steps: ["a", "d"] },
          { ...gate, id: "gate-other" },
        ],
        stages: [
          rest,
          { ...handOff("scap", "sync-world", "--now"), runAfter: ["gate-other"] },
          { ...rest, name: "late" },
        ],
      },
    );
    expect(`${shown(before, after).join("\n")}\n`).toMatchInlineSnapshot(`
      "went: step b
      changed: step a
        releases: now also a/other
        releases: no longer a/main
        kubeconfig: none → /etc/a
      changed: step c
        arguments: --file /srv/c/helmfile.yaml --environment eqiad sync → --file 'x y' sync
        removes releases: no → yes
        stage: rest → late
        waits for: now also d
        waits for: no longer a
      came: step d
      changed: gate gate-support
        namespace: all → mw-web
        steps: now also d
      came: gate gate-other
      changed: command hand-off
        command: scap sync-world → scap sync-world --now
        waits for the gates: now also gate-other
      "
    `);
  });

  it("is told of gates that hold a step, and of what a command waits for and deploys, also where one had none", () => {
    const command = handOff("scap", "sync-world");
    const none = plan([step("a"), step("b")], { stages: [rest, command] });
    const some = plan([step("a"), step("b", [], { gates: ["ready"] })], {
      stages: [rest, { ...command, runAfter: ["ready"], runDeploys: ["mw-web/main"] }],
    });
    const other = plan([step("a"), step("b", [], { gates: ["open"] })], {
      stages: [rest, { ...command, runAfter: ["open"], runDeploys: ["mw-api/main"] }],
    });
    const told = (one: typeof none, two: typeof none) => planChanges(one, two).map(({ details }) => details);
    expect(told(none, some)).toEqual([
      ["gates: now also ready"],
      ["waits for the gates: now also ready", "deploys: now also mw-web/main"],
    ]);
    expect(told(some, none)).toEqual([
      ["gates: no longer ready"],
      ["waits for the gates: no longer ready", "deploys: no longer mw-web/main"],
    ]);
    expect(told(some, other)).toEqual([
      ["gates: now also open", "gates: no longer ready"],
      [
        "waits for the gates: now also open",
        "waits for the gates: no longer ready",
        "deploys: now also mw-api/main",
        "deploys: no longer mw-web/main",
      ],
    ]);
  });

  it("is told in one line where the same is other with many", () => {
    const ids = ["a", "b", "c", "d", "e", "f"];
    const before = plan([step("z"), ...ids.map((id) => step(id))]);
    const after = plan([step("z"), ...ids.map((id) => step(id, ["z"]))]);
    expect(shown(before, after)).toEqual([
      "changed: 6 steps a, b, c, d and 2 more",
      "  waits for: now also z",
    ]);
  });

  it("leads back when the plans change places", () => {
    const ids = fc.constantFrom("a", "b", "c", "d");
    const aStep = fc
      .record({ after: fc.uniqueArray(ids), stage: fc.constantFrom("one", "two"), release: ids })
      .map(({ after, stage, release }) => ({ after, stage, releases: [release] }));
    const plans = fc
      .dictionary(ids, aStep)
      .map((found) => plan(Object.entries(found).map(([id, { after, ...more }]) => step(id, after, more))));
    const opposite = { came: "went", went: "came", changed: "changed" } as const;
    fc.assert(
      fc.property(plans, plans, (one, other) => {
        expect(planChanges(one, one)).toEqual([]);
        const words = (found: ReturnType<typeof planChanges>, turned: boolean) =>
          found.map(({ kind, id }) => `${turned ? opposite[kind] : kind} ${id}`).sort();
        expect(words(planChanges(one, other), false)).toEqual(words(planChanges(other, one), true));
      }),
    );
  });
});
