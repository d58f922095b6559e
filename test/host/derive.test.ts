import { expect, test } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { runInProcess } from "./support/in-process.ts";

const provider = "kind: Service\nmetadata: { name: cache }\nspec: { ports: [{ port: 80 }] }\n";
const reader = `kind: Pod
metadata: { name: p }
spec:
  containers:
    - name: c
      args: [$(CACHE_SERVICE_HOST), $(SPARE_SERVICE_HOST)]
`;

const sound = { "shop/base/s.yaml": provider, "shop/main/p.yaml": reader };

async function derive(files: Readonly<Record<string, string>>, ...argv: readonly string[]) {
  const folder = temporaryFolder(files);
  const { exitCode, stdout, stderr } = await runInProcess(["derive", "--manifests", folder, ...argv]);
  return { exitCode, stdout: stdout.replaceAll(folder, ""), stderr: stderr.replaceAll(folder, "") };
}

test("people are told what each release needs, where that is written, and what nobody provides", async () => {
  expect(await derive(sound)).toEqual({
    exitCode: 0,
    stdout: `shop
  shop/main needs shop/base: variable CACHE_SERVICE_HOST, Pod p (/shop/main/p.yaml:6)

provided by no release:
  shop/main reads SPARE_SERVICE_HOST: no release of shop has the Service spare, Pod p (/shop/main/p.yaml:6)
`,
    stderr: "",
  });
});

test("names of objects, releases and files steer no terminal, and make no lines of their own", async () => {
  const hostile = "d\\e[31m\\a\\u202e\\0\\n";
  const text = `${reader.replace("{ name: p }", `{ name: "${hostile}" }`)}      envFrom:
        - configMapRef: { name: "m${hostile}" }
`;
  const { stdout } = await derive({ "shop/base/s.yaml": provider, "shop/main/p\nq.yaml": text });
  expect(stdout).toBe(`shop
  shop/main needs shop/base: variable CACHE_SERVICE_HOST, Pod d  (/shop/main/p q.yaml:6)

provided by no release:
  shop/main reads SPARE_SERVICE_HOST: no release of shop has the Service spare, Pod d  (/shop/main/p q.yaml:6)

made by no release, so that something else has to:
  shop/main needs ConfigMap md , Pod d  (/shop/main/p q.yaml:8)
`);
});

test("programs get the same as JSON", async () => {
  const { exitCode, stdout } = await derive(sound, "-o", "json");
  const evidence = {
    ...{ kind: "Pod", name: "p", container: "c", file: "/shop/main/p.yaml", line: 6 },
    text: "args: [$(CACHE_SERVICE_HOST), $(SPARE_SERVICE_HOST)]",
  };
  expect({ exitCode, ...JSON.parse(stdout) }).toEqual({
    exitCode: 0,
    version: 1,
    edges: [
      {
        ...{ from: "shop/main", to: "shop/base", kind: "variable", soft: false },
        evidence: [{ ...evidence, mention: "CACHE_SERVICE_HOST" }],
      },
    ],
    unprovided: [
      {
        ...{ release: "shop/main", variable: "SPARE_SERVICE_HOST", why: "no-service" },
        evidence: [{ ...evidence, mention: "SPARE_SERVICE_HOST" }],
      },
    ],
    notMade: [],
    faults: [],
    notRendered: [],
    unreadable: [],
    strays: [],
  });
});

test("a document that is no YAML is shown and ends with 1; where there is nothing else with 3", async () => {
  const broken = { "shop/main/x.yaml": "a: b: c\n" };
  const some = await derive({ ...sound, ...broken });
  expect([some.exitCode, some.stdout.includes("shop/main needs shop/base")]).toEqual([1, true]);
  expect(some.stderr).toContain("/shop/main/x.yaml:1:4: error: not valid YAML");
  const none = await derive({ "x.yaml": "a: b: c\n" });
  expect([none.exitCode, none.stdout]).toEqual([3, ""]);
  // A pipe from a program that failed is empty, and must not be taken for an answer.
  expect(await derive({ "x.yaml": "" })).toEqual({
    exitCode: 3,
    stdout: "",
    stderr: "there is nothing to derive from: no manifest of a release could be read\n",
  });
});

test("what says no release is left out, and told", async () => {
  const { exitCode, stderr } = await derive({ ...sound, "other.yaml": provider });
  expect({ exitCode, stderr }).toEqual({
    exitCode: 0,
    stderr: `warning: left out, because nothing says their release or its namespace: Service cache (/other.yaml:1)
  to do: put them into files NAMESPACE/RELEASE/…, or label them with their release, and name the namespace
`,
  });
});

test("manifests that are not there are a fault of usage", async () => {
  const { exitCode, stderr } = await runInProcess(["derive", "--manifests", "/nowhere"]);
  expect([exitCode, stderr]).toEqual([
    2,
    "error: the manifests /nowhere cannot be read: no such file or directory\n",
  ]);
});
