import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { renderDiagnostics } from "../../src/core/common/diagnostic.ts";
import { type JsonPath, locateJson, renderJsonPath } from "../../src/core/common/json-place.ts";
import { type Release, releaseId, type Tree } from "../../src/core/common/release.ts";
import { parseInventory, renderInventory } from "../../src/core/tree/inventory.ts";
import { runs } from "../support/runs.ts";
import { shownFaults } from "../support/shown-faults.ts";

const fixtures = new URL("../../fixtures/inventories/", import.meta.url);

function faultsOf(text: string): string {
  const result = parseInventory({ file: "inventory.json", text });
  return result.ok ? "none" : shownFaults(result.failure);
}

function treeOf(text: string): Tree {
  const result = parseInventory({ file: "inventory.json", text });
  if (!result.ok) throw new Error(renderDiagnostics(result.failure));
  return result.value;
}

/** One release in one service, with something changed. */
function inventory(release: object = {}, rest: object = {}): string {
  const sound = { name: "main", namespace: "mw-web", enabled: true, installed: true, labels: "", chart: "c" };
  const releases = [{ ...sound, ...release }];
  const services = [{ service: "mw-web", helmfile: "mw-web/helmfile.yaml", releases }];
  return JSON.stringify({ version: 1, environment: "eqiad", services, ...rest }, null, 1);
}

describe("a sound inventory", () => {
  test.each(readdirSync(fixtures))("%s is a tree, and stays it when it is written and read again", (name) => {
    const tree = treeOf(readFileSync(new URL(name, fixtures), "utf8"));
    expect(tree.services.length).toBeGreaterThan(0);
    expect(tree.unreadable).toHaveLength(1);
    expect(treeOf(renderInventory(tree))).toEqual(tree);
  });

  test("is written as helmfile lists releases, with what else is known", () => {
    expect(
      renderInventory({
        ...treeOf(inventory({ needs: ["mw-web/prometheus"], timeout: 5, labels: "b:2,c,a:1:x" })),
        absent: ["z", "y"],
      }),
    ).toBe(`{
  "version": 1,
  "environment": "eqiad",
  "services": [
    {
      "service": "mw-web",
      "helmfile": "mw-web/helmfile.yaml",
      "releases": [
        {
          "name": "main",
          "namespace": "mw-web",
          "enabled": true,
          "installed": true,
          "labels": "a:1:x,b:2,c:",
          "chart": "c",
          "version": "",
          "needs": [
            "mw-web/prometheus"
          ],
          "timeout": 5
        }
      ]
    }
  ],
  "absent": [
    "y",
    "z"
  ],
  "errors": []
}
`);
  });

  test("has a release only where it is both enabled and installed", () => {
    const installed = (release: object): boolean | undefined =>
      treeOf(inventory(release)).services[0]?.releases[0]?.installed;
    expect(installed({})).toBe(true);
    expect(installed({ enabled: false })).toBe(false);
    expect(installed({ installed: false })).toBe(false);
  });

  test("may begin with a byte order mark", () => {
    expect(treeOf(`\uFEFF${inventory()}`).environment).toBe("eqiad");
  });

  test("may list a release without namespace in two services", () => {
    const release = { name: "production", namespace: "", labels: "", chart: "c" };
    const services = ["b", "a"].map((service) => ({
      service,
      helmfile: `${service}/h.yaml`,
      releases: [release],
    }));
    expect(treeOf(inventory({}, { services })).services.map(({ name }) => name)).toEqual(["a", "b"]);
  });

  test("any tree is the same after it was written and read", () => {
    fc.assert(
      fc.property(trees, (tree) => {
        const text = renderInventory(tree);
        expect(treeOf(text)).toEqual(tree);
        expect(renderInventory(treeOf(text))).toBe(text);
      }),
    );
  });
});

describe("a faulty inventory", () => {
  test("shows every fault at once, each with its place", () => {
    const release = {
      name: "Main",
      namespace: "mw web",
      enabled: "yes",
      lables: "",
      needs: ["x"],
      timeout: -1,
      chart: 3,
      labels: 7,
    };
    const text = inventory(release, {
      environment: "--eqiad",
      absnt: [],
      errors: [{ service: "", message: null }],
      absent: ["a//b", "mw-web"],
    });
    expect(faultsOf(text)).toMatchSnapshot();
  });

  test("says nothing of names that are the same where there are none", () => {
    const services = [
      { service: "a", helmfile: "a/h.yaml", releases: [{}, {}].map(() => ({ namespace: "n", chart: "c" })) },
    ];
    const text = inventory({}, { services: [...services, { ...services[0], service: "b" }] });
    expect(faultsOf(text)).not.toContain("twice");
    expect(faultsOf(text)).toContain("services[1].releases[1].name is missing");
  });

  test.each(["main", "A_b/main", "mw-web/-x", "a/b/c", "mw-web/"])("may not need %j", (need) => {
    expect(faultsOf(inventory({ needs: [need] }))).toContain("needs[0] is not valid");
    expect(faultsOf(inventory({ needs: ["mw-web/prometheus", "/nameless"] }))).toBe("none");
  });

  test("names what is missing by its path", () => {
    expect(
      faultsOf('{"version": 1, "environment": "eqiad", "services": [{"service": "a"}]}'),
    ).toMatchSnapshot();
  });

  test("of another version says only which version is known", () => {
    expect(faultsOf('{"version": 2, "sevices": []}')).toMatchSnapshot();
    expect(faultsOf("{}")).toMatchSnapshot();
  });

  test.each([["[]"], ["null"], ["7"], ['"x"']])("that is %s is refused", (text) => {
    expect(faultsOf(text)).toContain("inventory.json:1:1: error: the file is ");
  });

  test("shows services and releases that are named twice, with both places", () => {
    const release = (name: string, namespace: string) => ({ name, namespace, labels: "", chart: "c" });
    const services = [
      {
        service: "a",
        helmfile: "a/h.yaml",
        releases: [release("r", "n"), release("s", ""), release("s", "")],
      },
      { service: "b", helmfile: "b/h.yaml", releases: [release("r", "n")] },
      { service: "a", helmfile: "a/h.yaml", releases: [] },
    ];
    const errors = [{ service: "x", message: "" }];
    expect(faultsOf(inventory({}, { services, absent: ["b", "x", "x"], errors }))).toMatchSnapshot();
  });

  test("has a key twice, of which only one would count, and shows where it stands again", () => {
    const text = inventory({ labels: { a: "b" } });
    const again = (key: string, value: string): string =>
      faultsOf(text.replace(`"${key}":`, `"${key}": ${value},\n"${key}" :`));
    expect(again("environment", '"codfw"')).toMatchSnapshot();
    expect(again("services", "[]")).toContain(
      "inventory.json:5:1: error: services stands there twice, and only one would count",
    );
    expect(again("a", '"c"')).toContain("services[0].releases[0].labels.a stands there twice");
  });

  test.each(["../etc/helmfile.yaml", "a/../../b.yaml", "-f", "", "a\nb"])(
    "may not name the helmfile %j",
    (helmfile) => {
      const services = [{ service: "a", helmfile, releases: [] }];
      expect(faultsOf(inventory({}, { services }))).toContain("services[0].helmfile is not valid");
    },
  );

  test("that is no JSON says where it stops being JSON", () => {
    expect(faultsOf('{\n  "version": 1,\n  environment: "eqiad"\n}')).toMatchSnapshot();
    expect(faultsOf('{"version": 1,}')).toMatchSnapshot();
    expect(faultsOf('{"version": 01}')).toMatchSnapshot();
    expect(faultsOf("")).toMatchSnapshot();
  });

  test("that is cut off anywhere is refused, and says where it ends", () => {
    const text = inventory().trimEnd();
    for (let length = 0; length < text.length; length++) {
      expect(faultsOf(text.slice(0, length))).toContain("the file ends in the middle");
    }
  });

  test("of one long line shows where, and not the line", () => {
    const errors = [{ service: "a", message: "x".repeat(1000) }];
    const faults = faultsOf(
      JSON.stringify({ version: 1, environment: "eqiad", services: [], errors, absent: 3 }),
    );
    expect(faults).toMatch(/^\[wrong-type\] inventory\.json:1:1\d\d\d: error: absent is 3\n/);
    expect(faults.length).toBeLessThan(200);
  });

  test("never makes the reader throw", () => {
    const text = inventory();
    const damage = fc.tuple(fc.nat(text.length), fc.nat(20), fc.string());
    fc.assert(
      fc.property(damage, ([at, length, insert]) => {
        const result = parseInventory({
          file: "f",
          text: text.slice(0, at) + insert + text.slice(at + length),
        });
        expect(result.ok || result.failure.length > 0).toBe(true);
      }),
      { numRuns: runs(500) },
    );
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(parseInventory({ file: "f", text: JSON.stringify(value) }).ok).toBe(false);
      }),
    );
    expect(faultsOf("[".repeat(100_000))).toContain("at most 100 levels");
  });
});

describe("places in JSON", () => {
  test("a text has a fault exactly where the parser refuses it", () => {
    const pieces = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      ":",
      ",",
      '"a"',
      '"\\u00e9"',
      '"\\x"',
      "1",
      "-0.5e3",
      "01",
      "true",
      "nul",
      " ",
      "\n",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
        const text = parts.join("");
        let isJson = true;
        try {
          JSON.parse(text);
        } catch {
          isJson = false;
        }
        expect(locateJson({ file: "f", text }).fault === undefined).toBe(isJson);
      }),
      { numRuns: runs(2000) },
    );
  });

  test("every value and key is where its text stands", () => {
    const text = '{\r\n  "a b": [1, {"c": "é\\n"}],\r\n  "d": true\r\n}';
    const places = locateJson({ file: "f", text });
    expect(places.value(["a b", 1, "c"])).toEqual({
      file: "f",
      line: 2,
      column: 20,
      length: 5,
      text: '  "a b": [1, {"c": "é\\n"}],',
    });
    expect(places.key(["d"])).toMatchObject({ line: 3, column: 3, length: 3 });
    expect(places.value(["d", "missing"])).toMatchObject({ line: 3, column: 8, length: 4 });
    expect(places.value([])).toMatchObject({ line: 1, column: 1, length: 1 });
    expect(renderJsonPath(["a b", 1, "c"])).toBe('["a b"][1].c');
  });

  test("what stands at the place of a value is that value, however it is written", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(0, 1), (json, indent) => {
        const text = JSON.stringify(json, null, indent).replaceAll("\n", "\t ");
        const places = locateJson({ file: "f", text });
        for (const [path, value] of valuesIn(JSON.parse(text))) {
          const { column, length } = places.value(path);
          expect(JSON.parse(text.slice(column - 1, column - 1 + length))).toEqual(value);
        }
      }),
      { numRuns: runs(500) },
    );
  });

  test("of a text with more values than a map can hold is found, too", () => {
    // 2 ** 24 is what a map can hold.
    const text = `{"x":[${"1,".repeat(17_000_000)}1],"y":2}`;
    const places = locateJson({ file: "f", text });
    expect(places.key(["y"])).toMatchObject({ column: text.length - 5, length: 3 });
    expect(places.value(["x", 16_999_999])).toMatchObject({ length: 1 });
    expect(locateJson({ file: "f", text: text.slice(0, -1) }).fault).toMatchObject({ isEnd: true });
  });
});

/** Every value of a JSON value, itself too, with the path to it. */
function valuesIn(value: unknown, path: JsonPath = []): [JsonPath, unknown][] {
  if (typeof value !== "object" || value === null) return [[path, value]];
  const inner: [string | number, unknown][] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value);
  return [[path, value], ...inner.flatMap(([part, one]) => valuesIn(one, [...path, part]))];
}

const segment = fc.stringMatching(/^[A-Za-z0-9_][-A-Za-z0-9._]{0,8}$/);
const serviceNames = fc.uniqueArray(
  fc.array(segment, { minLength: 1, maxLength: 2 }).map((parts) => parts.join("/")),
  {
    maxLength: 8,
  },
);
const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,6}[a-z0-9])?$/);
const printable = fc.string().filter((text) => !/\p{Cc}/u.test(text));
const id = fc
  .tuple(fc.oneof(label, fc.constant("")), label)
  .map(([namespace, name]) => releaseId(namespace, name));

const someRelease = fc.record(
  {
    name: label,
    chart: printable,
    installed: fc.boolean(),
    labels: fc.dictionary(
      fc.string().filter((key) => key !== "__proto__"),
      fc.string(),
      { maxKeys: 4 },
    ),
    needs: fc.array(id, { maxLength: 2 }),
    kubeconfig: printable.map((path) => `/${path}`),
    kubeContext: printable.filter((text) => text !== ""),
    helm: fc.constantFrom("/usr/bin/helm", "helm3.17"),
    atomic: fc.boolean(),
    timeout: fc.nat(),
  },
  { requiredKeys: ["name", "chart", "installed", "labels", "needs"] },
);

/** Each service has a namespace of its own, or none, so that no release is listed twice. */
const trees: fc.Arbitrary<Tree> = fc
  .record({
    environment: fc.stringMatching(/^[A-Za-z0-9]([-A-Za-z0-9._]{0,8}[A-Za-z0-9])?$/),
    names: serviceNames,
    lists: fc.array(fc.uniqueArray(someRelease, { selector: ({ name }) => name, maxLength: 4 }), {
      minLength: 8,
      maxLength: 8,
    }),
    hasNamespace: fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
    exitCode: fc.option(fc.integer({ min: 0, max: 255 }), { nil: undefined }),
    message: fc.string(),
  })
  .map(({ environment, names, lists, hasNamespace, exitCode, message }) => {
    const sorted = [...names].sort();
    const part = (kind: number): string[] => sorted.filter((_, index) => index % 4 === kind);
    const services = sorted.filter((_, index) => index % 4 < 2);
    return {
      environment,
      services: services.map((name, index) => ({
        name,
        helmfile: `${name}/helmfile.yaml`,
        releases: (lists[index] ?? []).map((release): Release => {
          const namespace = hasNamespace[index] ? `n${index}` : "";
          return { ...release, id: releaseId(namespace, release.name), service: name, namespace };
        }),
      })),
      absent: part(2),
      unreadable: part(3).map((service) => ({
        service,
        message,
        ...(exitCode !== undefined && { exitCode }),
      })),
    };
  });

test("an inventory with more faults than can be gathered is refused", () => {
  expect(faultsOf(inventory({}, { services: Array(300_000).fill(5) }))).toBe(
    "[too-many-faults] error: the file has too many faults to tell",
  );
});
