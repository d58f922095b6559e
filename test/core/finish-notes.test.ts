import { expect, it } from "vitest";
import { scapDeploysIt } from "../../src/core/plan/included.ts";
import type { Plan } from "../../src/core/plan/plan.ts";
import { assembleFinishNotes } from "../../src/core/rollout/finish-notes.ts";
import type { StepOutcome } from "../../src/core/rollout/outcome.ts";
import { plan, step } from "../support/plan.ts";
import { registry } from "../support/registry.ts";

const knowledge = registry(`
namespaces:
  mw-web:
    support: [prometheus]
    mediawiki: [main]
  mw-api:
    support: [prometheus, mcrouter]
    mediawiki: [main]
`);

const support = (id: string) => {
  const service = id.split("/")[0] ?? "";
  return step(id, [], { service, class: "support", releases: [id] });
};

const both = plan([
  support("mw-web/prometheus"),
  support("mw-api/prometheus"),
  support("mw-api/mcrouter"),
  step("shop"),
]);

type Kinds = Record<string, StepOutcome["kind"]>;

function notes(
  outcomes: Kinds,
  { of = both, supportOnly = true }: { of?: Plan; supportOnly?: boolean } = {},
): string[] {
  const all = Object.fromEntries(of.steps.map(({ id }) => [id, outcomes[id] ?? "succeeded"]));
  const flags = supportOnly ? { "support-only": true } : {};
  return assembleFinishNotes({ version: 1, plan: of, outcomes: all, commands: {}, flags }, knowledge);
}

it("where only support was deployed, scap may go on in the namespaces where all of it is there", () => {
  expect(notes({})).toEqual(["What MediaWiki needs is in place in 2 namespaces: scap can deploy it."]);
  // There already, or of no class that MediaWiki needs.
  expect(notes({ "mw-web/prometheus": "skipped", shop: "failed" })).toHaveLength(1);
});

it("nothing is said where nothing is missing and more than support was deployed, or no support at all", () => {
  expect(notes({}, { supportOnly: false })).toEqual([]);
  expect(notes({}, { of: plan([step("shop")]) })).toEqual([]);
});

it("MediaWiki must wait where support was not deployed; only what failed is to be deployed again", () => {
  const outcomes: Kinds = {
    "mw-web/prometheus": "blocked",
    "mw-api/prometheus": "failed",
    "mw-api/mcrouter": "failed",
  };
  const told = [
    "MediaWiki must wait in mw-web, mw-api: not everything that it needs was deployed.",
    "  mw-api alone, when the cause is mended: charlie-mediawiki apply --support-only -e eqiad -s mw-api",
  ];
  expect(notes(outcomes)).toEqual(told);
  expect(notes(outcomes, { supportOnly: false })).toEqual(told);
  expect(notes({ "mw-web/prometheus": "cancelled" })).toEqual([
    "MediaWiki must wait in mw-web: not everything that it needs was deployed.",
  ]);
});

it("what the registry requires and no step deploys is told, with why", () => {
  const handedOver = { release: "mw-web/main", class: "mediawiki", reason: scapDeploysIt };
  const without: Plan = {
    ...plan([support("mw-api/prometheus"), support("mw-api/mcroutr")]),
    excluded: [
      handedOver,
      { release: "mw-web/prometheus", class: "support", reason: "excluded by --exclude x" },
    ],
  };
  expect(notes({}, { of: without })).toMatchInlineSnapshot(`
    [
      "MediaWiki must wait in mw-api: it needs mw-api/mcrouter, which no helmfile installs in eqiad.",
      "  did you mean mcroutr? Else add the release, or name the environments where it is needed: { release: mcrouter, environments: […] }",
      "In mw-web MediaWiki also needs mw-web/prometheus, which was left out: excluded by --exclude x.",
    ]
  `);
  const unreadable = ["a", "b", "c", "d"].map((service) => ({ service, message: "no" }));
  expect(notes({}, { of: { ...without, excluded: [handedOver], unreadable } })).toMatchInlineSnapshot(`
    [
      "MediaWiki must wait in mw-api: it needs mw-api/mcrouter, which no helmfile installs in eqiad, as far as they could be read (not a, b, c and 1 more).",
      "MediaWiki must wait in mw-web: it needs mw-web/prometheus, which no helmfile installs in eqiad, as far as they could be read (not a, b, c and 1 more).",
    ]
  `);
});
