import fc from "fast-check";
import { describe, expect, expectTypeOf, it } from "vitest";
import type * as z from "zod";
import { renderDiagnostics } from "../../src/core/common/diagnostic.ts";
import { parseHookRequest } from "../../src/core/hooks/hook-request.ts";
import type { requestSchemas } from "../../src/core/hooks/hook-requests.ts";
import type { HookName, HookRequests } from "../../src/core/hooks/hooks.ts";
import { eqiadRequests, writtenEqiad } from "../support/eqiad-requests.ts";
import { shownFaults } from "../support/shown-faults.ts";

const hooks = Object.keys(eqiadRequests) as HookName[];

/** What a value is refused with. */
function faultsOf(hook: HookName, request: unknown): string {
  const text = typeof request === "string" ? request : JSON.stringify(request, null, 2);
  const parsed = parseHookRequest(hook, { file: "stdin", text });
  if (parsed.ok) throw new Error("it was not refused");
  return shownFaults(parsed.failure);
}

function accepted(hook: HookName, request: unknown): unknown {
  const parsed = parseHookRequest(hook, { file: "stdin", text: JSON.stringify(request) });
  if (!parsed.ok) throw new Error(renderDiagnostics(parsed.failure));
  return parsed.value;
}

/** Readonly or not makes no difference to what comes as JSON. */
type Frozen<Value> = Value extends string | number | boolean | undefined
  ? Value
  : { readonly [Key in keyof Value]: Frozen<Value[Key]> };

// Held by the compiler: with a key too many or too few on either side, `npm run check:types` fails.
it("each schema gives what the type of the hook says, and nothing else", () => {
  type Schemas = { [Name in HookName]: z.output<(typeof requestSchemas)[Name]> };
  expectTypeOf<Frozen<Schemas>>().toEqualTypeOf<Frozen<{ [Name in HookName]: HookRequests[Name] }>>();
});

describe("a request", () => {
  it.each(hooks)("of %s is the one that was written, every key of it", (hook) => {
    expect(accepted(hook, eqiadRequests[hook])).toEqual(eqiadRequests[hook]);
  });

  it("may have its tree as the verb inventory writes it", () => {
    const asWritten = (hook: HookName, key: object) => accepted(hook, { ...eqiadRequests[hook], ...key });
    const tree = { tree: writtenEqiad };
    for (const hook of ["releases:classify", "rollout:plan", "rollout:preflight"] as const)
      expect(asWritten(hook, tree)).toEqual(eqiadRequests[hook]);
    expect(asWritten("tree:check", { trees: [writtenEqiad] })).toEqual(eqiadRequests["tree:check"]);
  });

  it("may have a tree of very many services, in either form", () => {
    const names = [...Array(20_000)].map((_, at) => `s${at}`).toSorted();
    const ofForm = (key: string) =>
      names.map((name) => ({ [key]: name, helmfile: `${name}/helmfile.yaml`, releases: [] }));
    const plain = { environment: "eqiad", services: ofForm("name"), absent: [], unreadable: [] };
    const written = { version: 1, environment: "eqiad", services: ofForm("service") };
    for (const tree of [plain, written])
      expect(accepted("releases:classify", { version: 1, tree, flags: {} })).toEqual({
        ...{ version: 1, tree: plain, flags: {} },
      });
  });

  it("may begin with a byte order mark, and have any layout", () => {
    const text = `\uFEFF\n${JSON.stringify(eqiadRequests["stage:before"], null, "\t")}\n\n`;
    expect(parseHookRequest("stage:before", { file: "stdin", text })).toEqual({
      ok: true,
      value: eqiadRequests["stage:before"],
    });
  });
});

describe("a faulty request", () => {
  it("has a key twice, of which only one would count, however deep", () => {
    const sound = JSON.stringify(eqiadRequests["rollout:plan"]);
    const twice = sound.replace('"selection":{', '"selection":{ "exclude" : ["\\"a\\":"], ');
    expect(faultsOf("rollout:plan", twice)).toContain(
      "error: selection.exclude stands there twice, and only one would count",
    );
    const deep = `{"version":1,"tree":${"[".repeat(5_000)}{"a":1,"a":2}${"]".repeat(5_000)}}`;
    expect(faultsOf("rollout:plan", deep)).toContain("a key stands there twice");
  });

  it.each(hooks)("of %s without any one of its keys is refused, or is one that may lack it", (hook) => {
    const mayLack = ["targets", "deployments", "cluster", "registry", "selection", "rendered"];
    for (const key of Object.keys(eqiadRequests[hook])) {
      const { [key]: _, ...rest } = eqiadRequests[hook] as Readonly<Record<string, unknown>>;
      const isOptional =
        (mayLack.includes(key) && hook !== "rollout:plan") ||
        (key === "tree" && hook === "rollout:preflight");
      if (isOptional) accepted(hook, rest);
      else expect(faultsOf(hook, rest)).toContain(`error: ${key} is missing`);
    }
  });

  it.each(hooks)("of %s with a key too many is refused", (hook) => {
    expect(faultsOf(hook, { ...eqiadRequests[hook], colour: "red" })).toContain(
      "error: colour is not a key that is known here",
    );
  });

  it.each(hooks)("of %s in another version is told which is known, and nothing else", (hook) => {
    expect(faultsOf(hook, { ...eqiadRequests[hook], version: 2, colour: "red" })).toMatch(
      /^\[unknown-version\] stdin:2:14: error: this version of the format is not known: 2\n(.*\n){2} {2}expected: "version": 1$/,
    );
  });

  it("says where, what was expected, and what was probably meant", () => {
    const { tree: _, ...rest } = eqiadRequests["rollout:plan"];
    const release = { name: "main", namespace: "shop", chart: 5 };
    const services = [{ service: "shop", helmfil: "shop/helmfile.yaml", releases: [release] }];
    const tree = { version: 1, environment: "north", services };
    const request = {
      ...rest,
      tree,
      mode: "restroe",
      selection: { service: [], priority: "a", excluded: [] },
    };
    expect(faultsOf("rollout:plan", request)).toMatchInlineSnapshot(`
      "[wrong-type] stdin:3:11: error: mode is the text "restroe"
        3 |   "mode": "restroe",
          |           ^^^^^^^^^
        expected: perhaps restore

      [missing-key] stdin:5:16: error: selection.exclude is missing
        5 |   "selection": {
          |                ^
        expected: a list

      [wrong-type] stdin:7:17: error: selection.priority is the text "a"
        7 |     "priority": "a",
          |                 ^^^
        expected: a list

      [unknown-key] stdin:8:5: error: selection.excluded is not a key that is known here
        8 |     "excluded": []
          |     ^^^^^^^^^^
        expected: perhaps exclude

      [missing-key] stdin:17:7: error: tree.services[0].helmfile is missing
        17 |       {
           |       ^
        expected: a text

      [unknown-key] stdin:19:9: error: tree.services[0].helmfil is not a key that is known here
        19 |         "helmfil": "shop/helmfile.yaml",
           |         ^^^^^^^^^
        expected: perhaps helmfile

      [wrong-type] stdin:24:22: error: tree.services[0].releases[0].chart is 5
        24 |             "chart": 5
           |                      ^
        expected: a text"
    `);
  });

  it("has a tree of the one form or the other, as its version tells", () => {
    const about = (tree: unknown) => faultsOf("releases:classify", { version: 1, tree, flags: {} });
    const release = {
      id: "a/c",
      service: "b",
      namespace: "a",
      name: "d",
      chart: "x",
      installed: true,
      labels: {},
    };
    const services = [
      { name: "a", helmfile: "a/helmfile.yaml", releases: [{ ...release, needs: ["--yes"] }] },
    ];
    expect(about({ environment: "north", services, absent: [], unreadable: [] })).toMatchInlineSnapshot(`
      "[invalid-name] stdin:11:19: error: tree.services[0].releases[0].id is not valid: "a/c"
        11 |             "id": "a/c",
           |                   ^^^^^
        expected: namespace/name, as its other keys have them

      [invalid-name] stdin:12:24: error: tree.services[0].releases[0].service is not valid: "b"
        12 |             "service": "b",
           |                        ^^^
        expected: the name of its service, a

      [invalid-name] stdin:19:15: error: tree.services[0].releases[0].needs[0] is not valid: "--yes"
        19 |               "--yes"
           |               ^^^^^^^
        expected: namespace/name of a release"
    `);
    const sound = { ...release, id: "a/d", service: "a", needs: [] };
    const other = { name: "a", helmfile: "a/helmfile.yaml", releases: [sound] };
    expect(
      about({ environment: "north", services: [other], absent: ["a"], unreadable: [] }),
    ).toMatchInlineSnapshot(`
      "[conflict] stdin:24:7: error: tree.absent[0]: the service a is named twice, and can be only one
        24 |       "a"
           |       ^^^"
    `);
    expect(about({ environment: "north", services: [], absent: [] })).toMatch(
      "error: tree.unreadable is missing",
    );
    expect(about({ version: 1, environment: "north" })).toMatch("error: tree.services is missing");
    expect(about("eqiad")).toMatch('error: tree is the text "eqiad"');
    expect(about({ ...writtenEqiad, absent: ["apertium"] })).toMatch(
      "error: tree.absent[0]: the service apertium is named twice, and can be only one",
    );
  });

  it.each(["stage:before", "stage:after", "rollout:finish"] as const)(
    "of %s whose plan does not hold together is refused",
    (hook) => {
      const { plan } = eqiadRequests[hook];
      const [first, second, ...steps] = plan.steps;
      const cut = { ...eqiadRequests[hook], plan: { ...plan, steps: [first, ...steps] } };
      expect(faultsOf(hook, cut)).toContain(`lists "${second?.id}", which is no step`);
    },
  );

  it("about what its plan does not have is refused: such a gate would be open", () => {
    const after = eqiadRequests["stage:after"];
    expect(faultsOf("stage:after", { ...after, gate: "daemonset" })).toContain(
      'error: gate: the plan has no gate "daemonset": perhaps daemonsets',
    );
    expect(faultsOf("stage:after", { ...after, stage: "support" })).toContain(
      "error: gate: the gate daemonsets is of the stage daemonsets, and not of support",
    );
    expect(faultsOf("stage:before", { ...eqiadRequests["stage:before"], stage: "mediawki" })).toContain(
      'error: stage: the plan has no stage "mediawki": perhaps mediawiki',
    );
    expect(faultsOf("stage:after", { ...after, outcomes: { "mw-mcroutr": "failed" } })).toContain(
      'error: outcomes.mw-mcroutr: the plan has no step "mw-mcroutr": perhaps mw-mcrouter',
    );
    expect(faultsOf("stage:after", { ...after, outcomes: { "mw-mcrouter": "fialed" } })).toContain(
      "perhaps failed",
    );
    const finish = { ...eqiadRequests["rollout:finish"], commands: { scap: "failed" } };
    expect(faultsOf("rollout:finish", finish)).toContain(
      'error: commands.scap: the plan has no stage "scap"',
    );
  });

  it.each([
    ["nothing", "", "stdin is empty"],
    ["blanks", " \n", "stdin is empty"],
    ["words", "eqiad", "error: this is not JSON"],
    ["a list", "[]", "error: the request is a list"],
    ["null", "null", "error: the request is null"],
    ["half a request", '{ "version": 1, "tre', "error: the request ends in the middle: it is cut off"],
    [
      "two requests",
      '{ "version": 1 }\n{ "version": 1 }',
      "stdin:2:1: error: something stands behind the request",
    ],
    [
      "what is nested without end",
      `{ "version": 1, "tree": ${"[".repeat(50_000)}${"]".repeat(50_000)} }`,
      "tree is a list",
    ],
    [
      "a version nested without end",
      `{ "version": ${"[".repeat(50_000)}${"]".repeat(50_000)} }`,
      "not known: a list",
    ],
  ])("that is %s is refused", (_, text, expected) => {
    expect(faultsOf("releases:classify", text)).toContain(expected);
  });

  it("is shown what one request is", () => {
    const shown = ["", '{ "version": 1 }\n{ "version": 1 }'].map((text) =>
      faultsOf("releases:classify", text),
    );
    expect(shown.join("\n\n")).toMatchInlineSnapshot(`
      "[empty-file] error: stdin is empty
        expected: one request, as JSON
        to do: check that the program that writes the request has succeeded

      [several-requests] stdin:2:1: error: something stands behind the request
        2 | { "version": 1 }
          | ^
        expected: one request, and nothing else"
    `);
  });

  it("with very many faults is told the first twenty, and how many more", () => {
    const request = {
      ...eqiadRequests["releases:classify"],
      flags: Object.fromEntries([...Array(500)].map((_, at) => [at, 1])),
    };
    const told = faultsOf("releases:classify", request);
    expect(told.match(/error: flags/g)).toHaveLength(20);
    expect(told).toMatch(/\n\n\[[-a-z]+\] error: and 480 more$/);
  });

  it("with more faults than can be gathered is told that it has too many", () => {
    const tree = { ...writtenEqiad, services: Array(200_000).fill(5) };
    expect(faultsOf("rollout:plan", { ...eqiadRequests["rollout:plan"], tree })).toBe(
      "[too-many-faults] error: the request has too many faults to tell",
    );
  });

  it("never makes the reader throw", () => {
    fc.assert(
      fc.property(fc.constantFrom(...hooks), fc.json(), fc.nat(), (hook, json, at) => {
        parseHookRequest(hook, { file: "stdin", text: json });
        // One value of a sound request is another.
        const keys = Object.keys(eqiadRequests[hook]);
        const key = keys[at % keys.length] ?? "";
        const text = JSON.stringify({ ...eqiadRequests[hook], [key]: JSON.parse(json) });
        parseHookRequest(hook, { file: "stdin", text });
      }),
      { numRuns: 50 },
    );
  });
});
