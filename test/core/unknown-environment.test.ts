import { expect, it } from "vitest";
import { renderDiagnostics } from "../../src/core/common/diagnostic.ts";
import { misspelledEnvironment, unknownEnvironment } from "../../src/core/preflight/unknown-environment.ts";
import { emptyRegistry } from "../../src/core/registry/registry.ts";
import { registry } from "../support/registry.ts";

const named = registry(`
namespaces:
  mw-debug:
    support: [{ release: prometheus, environments: [eqiad, "stag*"] }]
    mediawiki: "*"
  eventgate-main:
    sequence: [{ release: canary, environments: [codfw] }, production]
`);

it("an environment that is nearly one that the registry names is refused, with the place of that one", () => {
  const unknown = unknownEnvironment("eqaid", named);
  expect(renderDiagnostics(unknown ? [unknown] : [])).toMatchInlineSnapshot(`
    "error: unknown environment "eqaid": did you mean eqiad?
      registry.yaml:5:53: the registry names eqiad here
      5 |     support: [{ release: prometheus, environments: [eqiad, "stag*"] }]
        |                                                     ^^^^^
      to do: correct the one that is misspelled; if there are both, give what tells which environments there are: --inventory FILE or --services_dir DIR"
  `);
  expect(unknownEnvironment("codwf", named)?.message).toContain("did you mean codfw?");
});

it("the place is that of the name, also on a line of its own and behind one that begins with it", () => {
  const below = registry(`
namespaces:
  mw-debug:
    support:
      - release: prometheus
        environments:
          - eqiad-staging
          - eqiad
  mw-web:
    support: [{ release: prometheus, environments: [codfw-2, codfw] }]
`);
  const placeOf = (environment: string) => misspelledEnvironment(environment, below)?.place;
  expect([placeOf("eqaid"), placeOf("cofdw")]).toMatchObject([
    { line: 9, column: 13, length: 5 },
    { line: 11, column: 62, length: 5 },
  ]);
});

it("a registry that was made by hand has the places that it has", () => {
  const place = { file: "r", line: 7, column: 3, length: 1, text: "" };
  const support = [[{ release: "prometheus", environments: ["eqiad"], place }]];
  const entry = { namespace: "mw-debug", place, classes: { support } };
  const made = { ...emptyRegistry, namespaces: new Map([["mw-debug", entry]]) };
  expect(misspelledEnvironment("eqaid", made)?.place).toEqual(place);
});

it.each(["eqiad", "staging", "north", "staging-eqiad"])(
  "the environment %s is not: it is named, or no typo of one that is",
  (environment) => {
    expect(unknownEnvironment(environment, named)).toBeUndefined();
  },
);

it("where there is the environment, the registry's name of it is the one that is misspelled", () => {
  const misspelled = misspelledEnvironment("eqaid", named);
  expect(renderDiagnostics(misspelled ? [misspelled] : [])).toMatchInlineSnapshot(`
    "registry.yaml:5:53: warning: the registry names the environment eqiad, and eqaid nowhere: what is limited to it is not required here
      5 |     support: [{ release: prometheus, environments: [eqiad, "stag*"] }]
        |                                                     ^^^^^
      to do: did you mean eqaid?"
  `);
  expect(misspelledEnvironment("eqiad", named)).toBeUndefined();
});
