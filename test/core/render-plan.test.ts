import { expect, it } from "vitest";
import { renderCommands, renderGroups, renderPlan } from "../../src/core/plan/render-plan.ts";
import { plan, step } from "../support/plan.ts";

const small = plan(
  [
    step("a", [], { stage: "support" }),
    step("b", ["a"], { action: "apply", releases: ["b/main", "b/canary"] }),
    step("c", ["a", "b", "x", "y"]),
  ],
  {
    stages: [
      { name: "support", gate: "wait" },
      { name: "rest", gate: "none" },
      { name: "hand-off", gate: "none", run: ["scap", "sync-world", "a b"] },
    ],
  },
);

it("a plan is shown stage by stage, and nothing behind it where nothing is left out", () => {
  expect(renderPlan(small)).toMatchInlineSnapshot(`
    "restore of eqiad: 3 steps in 3 stages

    stage support, with a gate behind it
      sync  a

    stage rest
      apply  b  2 releases  after a
      sync   c              after a, b, x and 1 more

    stage hand-off: scap sync-world a b"
  `);
});

it("what is left out, handed over or could not be read stands behind it", () => {
  const shown = renderPlan({
    ...small,
    excluded: [
      { release: "d/main", class: "other", reason: "not installed in eqiad" },
      { release: "mw-web/main", class: "mediawiki", reason: "MediaWiki: scap deploys it" },
    ],
    unreadable: [{ service: "broken", message: "no value" }],
  });
  expect(shown.slice(renderPlan(small).length)).toMatchInlineSnapshot(`
    "

    handed to scap: 1 release
    left out: d/main (not installed in eqiad)
    could not be read: broken: no value"
  `);
});

it("the commands of a plan are those of its steps, and then of its stages, as one would type them", () => {
  expect(renderCommands(small)).toMatchInlineSnapshot(`
    "helmfile --file /srv/a/helmfile.yaml --environment eqiad sync
    helmfile --file /srv/b/helmfile.yaml --environment eqiad sync
    helmfile --file /srv/c/helmfile.yaml --environment eqiad sync
    scap sync-world 'a b'"
  `);
});

it("what is the same for the same reason stands in one line", () => {
  expect(
    renderGroups([
      ...["a", "b", "c", "d", "e"].map((id) => ({ id, what: "blocked", why: "x failed" })),
      { id: "f", what: "skipped", why: "x failed" },
      { id: "g", what: "blocked", why: "y failed" },
    ]),
  ).toEqual(["blocked: a, b, c, d and 1 more (x failed)", "skipped: f (x failed)", "blocked: g (y failed)"]);
});
