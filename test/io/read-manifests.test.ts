import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeFileFault } from "../../src/io/file-fault.ts";
import { readManifestFiles } from "../../src/io/manifest-files.ts";
import { readManifests } from "../../src/io/read-manifests.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const signal = new AbortController().signal;

const service = (name: string, metadata: string): string =>
  `kind: Service\nmetadata:\n  name: ${name}\n  ${metadata}\n`;

/** `release: kind name (file)` of each object; without a release for the strays. */
async function read(from: string, folder = from): Promise<string[]> {
  const result = await readManifests(from, { signal });
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  const { releases, strays } = result.value;
  return [
    ...releases.flatMap(({ id, objects }) =>
      objects.map(({ name, file }) => `${id}: ${name} (${file.replace(folder, "")})`),
    ),
    ...strays.map(({ name, file, line }) => `stray: ${name} (${file.replace(folder, "")}:${line})`),
  ];
}

test("a folder of namespaces and releases says whose each object is, whatever its labels say", async () => {
  const folder = temporaryFolder({
    "n/main/chart/templates/a.yaml": service("a", "labels: { release: other }"),
    "n/main/b.yml": service("b", "namespace: elsewhere"),
    "n/main/c.txt": service("c", "labels: {}"),
    "n/alone/d.yaml": service("d", "labels: {}"),
  });
  expect(await read(folder)).toEqual([
    "n/alone: d (/n/alone/d.yaml)",
    "n/main: b (/n/main/b.yml)",
    "n/main: a (/n/main/chart/templates/a.yaml)",
  ]);
});

test("objects of other files say their release by annotations or labels, and what does not is told", async () => {
  const text = [
    service("a", "annotations: { meta.helm.sh/release-name: r, meta.helm.sh/release-namespace: n }"),
    service("b", "namespace: n\n  labels: { release: r, app.kubernetes.io/instance: other }"),
    service("c", "namespace: n\n  labels: { app.kubernetes.io/instance: s }"),
    service("d", "labels: { release: r }"),
    service("e", "namespace: n"),
  ].join("---\n");
  const folder = temporaryFolder({
    "all.yaml": text,
    "chart/templates/f.yaml": service("f", "namespace: n"),
  });
  expect(await read(folder)).toEqual([
    "n/r: a (/all.yaml)",
    "n/r: b (/all.yaml)",
    "n/s: c (/all.yaml)",
    "stray: d (/all.yaml:18)",
    "stray: e (/all.yaml:23)",
    "stray: f (/chart/templates/f.yaml:1)",
  ]);
  const file = join(folder, "all.yaml");
  expect(await read(file, folder)).toEqual((await read(folder)).slice(0, 5));
});

test("what is no YAML is a fault with its place, and the rest is read", async () => {
  const folder = temporaryFolder({ "n/r/a.yaml": `a: b: c\n---\n${service("a", "namespace: n")}` });
  const result = await readManifests(folder, { signal });
  expect(result).toMatchObject({
    ok: true,
    value: {
      releases: [{ id: "n/r", objects: [{ name: "a" }] }],
      faults: [{ code: "not-yaml", place: { file: join(folder, "n/r/a.yaml"), line: 1 } }],
    },
  });
});

test("a folder that is not there is a failure that says so", async () => {
  expect(await readManifests("/nowhere/at/all", { signal })).toEqual({
    ok: false,
    failure: [
      {
        severity: "error",
        code: "manifests-unreadable",
        message: "the manifests /nowhere/at/all cannot be read: no such file or directory",
      },
    ],
  });
});

test("a link to a file is read, and whatever else may lead to manifests is told where it is not", async () => {
  const folder = temporaryFolder({
    "n/main/a.yaml": service("a", "labels: {}"),
    "elsewhere/b": service("b", "labels: {}"),
  });
  symlinkSync(join(folder, "elsewhere/b"), join(folder, "n/main/b.yaml"));
  symlinkSync(join(folder, "n/main"), join(folder, "n/again"));
  symlinkSync("/nowhere/at/all", join(folder, "n/main/c.yaml"));
  symlinkSync("/dev/null", join(folder, "n/main/d.yaml"));
  symlinkSync("/dev/null", join(folder, "n/main/e.txt"));
  expect(await read(folder)).toEqual(["n/main: a (/n/main/a.yaml)", "n/main: b (/n/main/b.yaml)"]);
  const result = await readManifests(folder, { signal });
  const told = result.ok ? result.value.faults.map(({ message }) => message.replace(folder, "")) : [];
  expect(told.toSorted()).toEqual([
    "/n/again is not read: it is a link to a folder, and these are not followed",
    "/n/main/c.yaml is not read: it is a link that cannot be followed: no such file or directory",
    "/n/main/d.yaml is not read: it is a link to what is no file",
  ]);
});

test("of a folder with a file that cannot be read, it says which, and in words why", () => {
  const folder = temporaryFolder();
  // As where it has vanished since the folder was read.
  const fault = faultOf(() => [...readManifestFiles(folder, ["n/main/a.yaml"])]);
  expect(fault).toMatchObject({ message: `${folder}/n/main/a.yaml: no such file or directory` });
  const tooLong = "it is longer than a text can be (512 MiB)";
  expect(describeFileFault(faultOf(() => "x".repeat(2 ** 30)))).toBe(tooLong);
  expect(describeFileFault(Object.assign(new Error(), { code: "ERR_STRING_TOO_LONG" }))).toBe(tooLong);
});

function faultOf(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}

test("a stream may have more objects than a call can have arguments", async () => {
  const one = "- { kind: Job, metadata: { name: j } }\n";
  const folder = temporaryFolder({ "all.yaml": `kind: List\nitems:\n${one.repeat(150_000)}` });
  const result = await readManifests(join(folder, "all.yaml"), { signal });
  expect(result.ok && result.value.strays.length).toBe(150_000);
});
