import { expect, it } from "vitest";
import { renderDiagnostics } from "../../src/core/common/diagnostic.ts";
import { misspelledEnvironment, unknownEnvironment } from "../../src/core/preflight/unknown-environment.ts";
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
