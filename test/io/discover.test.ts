import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Diagnostic } from "../../src/core/common/diagnostic.ts";
import type { Tree } from "../../src/core/common/release.ts";
import type { Result } from "../../src/core/common/result.ts";
import { type DiscoverOptions, discover } from "../../src/io/discover.ts";
import {
  type FakeHelmfile,
  fakeHelmfile,
  isRunning,
  type Manner,
  servicesOf,
} from "../support/fake-helmfile.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { warningsWhile } from "../support/warnings-while.ts";

interface Asked {
  readonly tree: Tree;
  readonly fake: FakeHelmfile;
}

function ask(
  servicesDir: string,
  fake: FakeHelmfile,
  options: Partial<DiscoverOptions> = {},
): Promise<Result<Tree, readonly Diagnostic[]>> {
  const { program } = fake;
  return discover({
    servicesDir,
    environment: "eqiad",
    helmfile: program,
    env: process.env,
    ...options,
  });
}

async function read(
  manners: Readonly<Record<string, Manner>>,
  options: Partial<DiscoverOptions> = {},
): Promise<Asked> {
  const fake = fakeHelmfile();
  const result = await ask(servicesOf(manners), fake, { shards: 1, ...options });
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  return { tree: result.value, fake };
}

async function failureOf(
  ...[servicesDir, fake, options]: Parameters<typeof ask>
): Promise<readonly Diagnostic[]> {
  const result = await ask(servicesDir, fake, options);
  if (result.ok) throw new Error("it was read");
  return result.failure;
}

/** So many services of one kind, with what else there is. */
function many(count: number, others: Readonly<Record<string, Manner>> = {}): Record<string, Manner> {
  const sound = Array.from({ length: count }, (_, index): [string, Manner] => [
    `s${String(index).padStart(2, "0")}`,
    "sound",
  ]);
  return { ...Object.fromEntries(sound), ...others };
}

function names(tree: Tree): string[] {
  return tree.services.map(({ name }) => name);
}

test("services are read in one process, in the order of their names", async () => {
  const { tree, fake } = await read({ c: "sound", a: "sound", b: "absent" });
  expect(tree).toEqual({
    environment: "eqiad",
    services: ["a", "c"].map((name) => ({
      name,
      helmfile: `${name}/helmfile.yaml`,
      releases: [
        {
          id: `${name}/main`,
          service: name,
          namespace: name,
          name: "main",
          chart: "wmf-stable/x",
          installed: true,
          labels: { chart: "x", name: "main", namespace: name },
          needs: [],
        },
      ],
    })),
    absent: ["b"],
    unreadable: [],
  });
  expect(fake.calls()).toEqual([["a", "b", "c"]]);
});

test("many services are dealt out to as many processes as are wanted", async () => {
  const { tree, fake } = await read(many(12), { shards: 3 });
  expect(names(tree)).toEqual(Object.keys(many(12)));
  expect(fake.calls().map((call) => call.length)).toEqual([4, 4, 4]);
});

test("no process reads more than 50 services", async () => {
  const { tree, fake } = await read(many(101), { shards: 1 });
  expect(tree.services).toHaveLength(101);
  expect(
    fake
      .calls()
      .map((call) => call.length)
      .sort(),
  ).toEqual([33, 34, 34]);
});

test("one broken service is named, and what was read before it is not read again", async () => {
  const { tree, fake } = await read({
    a: "sound",
    b: "absent",
    c: "broken",
    d: "sound",
    e: "absent",
    f: "sound",
  });
  expect(names(tree)).toEqual(["a", "d", "f"]);
  expect(tree.absent).toEqual(["b", "e"]);
  expect(tree.unreadable).toEqual([
    {
      service: "c",
      exitCode: 1,
      message: "in services/c/helmfile.yaml: error during helmfile.yaml.part.1 parsing: it is broken",
    },
  ]);
  expect(fake.calls()).toEqual([
    ["a", "b", "c", "d", "e", "f"],
    ["d", "e", "f"],
  ]);
});

test("two broken services are named one after the other", async () => {
  const { tree, fake } = await read(many(6, { s01: "broken", s03: "broken" }));
  expect(names(tree)).toEqual(["s00", "s02", "s04", "s05"]);
  expect(tree.unreadable.map(({ service }) => service)).toEqual(["s01", "s03"]);
  expect(fake.calls()).toEqual([Object.keys(many(6)), ["s02", "s03", "s04", "s05"], ["s04", "s05"]]);
});

test("after two named failures the rest is read in halves", async () => {
  const { tree, fake } = await read(many(10, { s00: "broken", s01: "broken", s02: "broken" }));
  expect(tree.unreadable.map(({ service }) => service)).toEqual(["s00", "s01", "s02"]);
  expect(names(tree)).toHaveLength(7);
  // Side by side: which of them is begun first does not matter.
  expect(fake.calls().slice(3).sort()).toEqual([
    ["s03", "s04", "s05", "s06"],
    ["s07", "s08", "s09"],
  ]);
});

test("where all are broken, each is named", async () => {
  const all = Object.fromEntries(Object.keys(many(9)).map((name): [string, Manner] => [name, "broken"]));
  const { tree } = await read(all);
  expect(tree.unreadable.map(({ service }) => service)).toEqual(Object.keys(all));
});

test.each([
  ["unnamed", { message: "panic: it is broken", exitCode: 2 }],
  ["killed", { message: "helmfile was ended by SIGKILL" }],
  ["garbage", { message: "what helmfile answered is not what `helmfile build` prints" }],
  ["silent", { message: "what helmfile answered is not what `helmfile build` prints" }],
] as const)("a service that nobody names (%s) is found by halving", async (manner, found) => {
  const { tree } = await read(many(8, { s05: manner }));
  expect(names(tree)).toEqual(Object.keys(many(8)).filter((name) => name !== "s05"));
  expect(tree.unreadable).toEqual([{ service: "s05", ...found }]);
});

test("a service that hangs is killed with its children, and only it is named", async () => {
  // One that is read alone gets longer: a machine that is busy must not make a sound service look like one that hangs.
  const limits = { shardMs: 500, serviceMs: 3000 };
  const { tree, fake } = await read(many(4, { s02: "hanging" }), { limits });
  expect(names(tree)).toEqual(["s00", "s01", "s03"]);
  expect(tree.unreadable).toEqual([{ service: "s02", message: "helmfile did not answer within 3 s" }]);
  // Once with the others, once alone; each time the script and its child.
  expect(fake.hanging()).toHaveLength(4);
  await expect.poll(() => fake.hanging().filter(isRunning)).toEqual([]);
}, 30_000);

test("an environment that has nothing anywhere is a tree of absent services", async () => {
  const { tree } = await read({ a: "absent", b: "absent" });
  expect(tree).toMatchObject({ services: [], absent: ["a", "b"], unreadable: [] });
  expect((await read({ a: "absent" })).tree.absent).toEqual(["a"]);
});

test("a name that is none of a service is unreadable, and helmfile never hears of it", async () => {
  const { tree, fake } = await read({ "-f": "sound", "a b": "sound", ok: "sound" });
  expect(names(tree)).toEqual(["ok"]);
  expect(tree.unreadable.map(({ service }) => service)).toEqual(["-f", "a b"]);
  expect(fake.calls()).toEqual([["ok"]]);
});

test("below a path that helmfile would read as a glob or a template, services are read one by one", async () => {
  const fake = fakeHelmfile();
  const servicesDir = join(temporaryFolder(), "{{ x }}[y]", "services");
  for (const name of ["a", "b"]) {
    mkdirSync(join(servicesDir, name), { recursive: true });
    writeFileSync(join(servicesDir, name, "helmfile.yaml"), "# sound\n");
  }
  const result = await ask(servicesDir, fake, { shards: 1 });
  expect(result.ok && names(result.value)).toEqual(["a", "b"]);
  expect(fake.calls().sort()).toEqual([["a"], ["b"]]);
});

test("two services that list the same release are both unreadable", async () => {
  const { tree } = await read({ "x/n": "sound", "y/n": "sound", z: "sound" });
  expect(names(tree)).toEqual(["z"]);
  expect(tree.unreadable).toEqual([
    { service: "x/n", message: "its release n/main is listed by y/n too" },
    { service: "y/n", message: "its release n/main is listed by x/n too" },
  ]);
});

test("a helmfile that is not there makes the tree unavailable", async () => {
  const fake = { ...fakeHelmfile(), program: "no-such-helmfile" };
  expect(await failureOf(servicesOf(many(9)), fake)).toMatchObject([
    {
      code: "helmfile-unavailable",
      message:
        "the tree cannot be read with no-such-helmfile: no-such-helmfile is not installed or not on PATH",
    },
  ]);
});

test.each(["garbage", "silent"] as const)(
  "a helmfile whose every answer is %s makes the tree unavailable",
  async (manner) => {
    const all = Object.fromEntries(Object.keys(many(60)).map((name): [string, Manner] => [name, manner]));
    const fake = fakeHelmfile();
    expect(await failureOf(servicesOf(all), fake)).toMatchObject([{ code: "helmfile-unavailable" }]);
    // It gives up long before it has asked for each.
    expect(fake.calls().length).toBeLessThan(20);
    expect(await failureOf(servicesOf({ a: manner }), fakeHelmfile())).toMatchObject([
      { code: "helmfile-unavailable" },
    ]);
  },
);

test("a name that is none of an environment is refused before anything runs", async () => {
  const fake = fakeHelmfile();
  expect(await failureOf(servicesOf({ a: "sound" }), fake, { environment: "--selector" })).toMatchObject([
    { code: "invalid-environment" },
  ]);
  expect(fake.calls()).toEqual([]);
});

test("when it is stopped, what runs is killed and nothing is left behind", async () => {
  const tmp = temporaryFolder();
  vi.stubEnv("TMPDIR", tmp);
  onTestFinished(() => void vi.unstubAllEnvs());
  const fake = fakeHelmfile();
  const stop = new AbortController();
  const servicesDir = servicesOf(many(12, { s00: "hanging", s01: "hanging" }));
  const asked = ask(servicesDir, fake, { shards: 2, limits: { shardMs: 60_000 }, signal: stop.signal });
  await expect.poll(() => fake.hanging().length, { timeout: 10_000 }).toBe(4);
  expect(readdirSync(tmp).filter((name) => name.startsWith("charlie-mediawiki-"))).toHaveLength(1);
  stop.abort();
  const result = await asked;
  expect(result).toMatchObject({ ok: false, failure: [{ code: "cancelled" }] });
  expect(readdirSync(tmp).filter((name) => name.startsWith("charlie-mediawiki-"))).toEqual([]);
  await expect.poll(() => fake.hanging().filter(isRunning)).toEqual([]);
  expect(fake.calls()).toHaveLength(2);
}, 30_000);

test("however many processes read at a time, Node warns nobody of a leak", async () => {
  const fake = fakeHelmfile();
  const stop = new AbortController();
  // A process reads at least four.
  const hanging = Array.from({ length: 48 }, (_, at): [string, Manner] => [`s${at}`, "hanging"]);
  const servicesDir = servicesOf(Object.fromEntries(hanging));
  const warnings = await warningsWhile(async () => {
    const asked = ask(servicesDir, fake, {
      shards: 12,
      limits: { shardMs: 60_000 },
      signal: stop.signal,
    });
    await expect.poll(() => fake.calls().length, { timeout: 20_000 }).toBe(12);
    stop.abort();
    await asked;
  });
  expect(warnings).toEqual([]);
}, 30_000);
