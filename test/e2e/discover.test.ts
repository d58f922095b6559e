import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Tree } from "../../src/core/common/release.ts";
import { parseInventory, renderInventory } from "../../src/core/tree/inventory.ts";
import { type DiscoverOptions, discover } from "../../src/io/discover.ts";
import { helmfileEnvironment } from "../../src/io/helmfile.ts";
import { fakeHelmfile, isRunning, servicesOf } from "../support/fake-helmfile.ts";
import {
  type Question,
  questions,
  type Recording,
  recorded,
  recordedRoot,
  recordedTree,
  recordingFiles,
} from "../support/recorded-helmfile.ts";

const helmfileIsThere = spawnSync("helmfile", ["--version"]).status === 0;

test.runIf(process.env.CHARLIE_E2E_REQUIRED === "1")(
  "helmfile is on PATH where the tests are required",
  () => {
    expect(helmfileIsThere).toBe(true);
  },
);

describe.skipIf(!helmfileIsThere)("with real helmfile", () => {
  let root: string;
  let servicesDir: string;

  beforeAll(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), "discover-")));
    cpSync(recordedTree, root, { recursive: true });
    servicesDir = join(root, "services");
  });

  afterAll(() => rmSync(root, { recursive: true, force: true }));

  async function read(options: Partial<DiscoverOptions> = {}): Promise<Tree> {
    const result = await discover({ servicesDir, environment: "eqiad", env: process.env, ...options });
    if (!result.ok) throw new Error(JSON.stringify(result.failure));
    return result.value;
  }

  test.each(Object.keys(questions) as Question[])("the recording %s is what helmfile answers", (question) => {
    const answer = ask(root, question);
    if (process.env.RECORD_HELMFILE === "1") record(question, answer);
    expect(answer).toEqual(recorded(question));
  });

  test("a tree is read, and what cannot be read is named", async () => {
    const tree = await read();
    expect(tree).toMatchSnapshot();
    expect(await read({ shards: 1 })).toEqual(tree);
    expect(await read({ shards: 5 })).toEqual(tree);
  });

  test("each service read alone gives the same tree as all read together", async () => {
    // Brackets are a glob to helmfile, so that no service here may stand in a generated file.
    const odd = join(root, "[odd]{{ x }}");
    cpSync(servicesDir, join(odd, "services"), { recursive: true });
    cpSync(join(root, "general"), join(odd, "general"), { recursive: true });
    expect(await read({ servicesDir: join(odd, "services") })).toEqual(await read());
  });

  test("a services directory behind a symbolic link gives the same tree", async () => {
    const link = join(root, "link");
    symlinkSync(servicesDir, link);
    const viaLink = JSON.stringify(await read({ servicesDir: link })).replaceAll("link/", "services/");
    expect(JSON.parse(viaLink)).toEqual(await read());
  });

  test("an environment that no helmfile defines has nothing", async () => {
    const tree = await read({ environment: "nowhere" });
    expect(tree.services).toEqual([]);
    expect(tree.absent).toContain("mw-web");
  });

  test("a nested helmfile that is a service of its own is not deployed twice", async () => {
    const folder = join(root, "twice");
    write(
      join(folder, "outer/helmfile.yaml"),
      helmfile("helmfiles:\n  - inner/helmfile.yaml\nreleases:\n  - {name: o, namespace: n, chart: x/x}\n"),
    );
    write(
      join(folder, "outer/inner/helmfile.yaml"),
      helmfile("releases:\n  - {name: i, namespace: n, chart: x/x}\n"),
    );
    write(
      join(folder, "plain/helmfile.yaml"),
      helmfile("releases:\n  - {name: p, namespace: p, chart: x/x}\n"),
    );
    const tree = await read({ servicesDir: folder });
    expect(tree.services.map(({ name }) => name)).toEqual(["plain"]);
    expect(tree.unreadable).toEqual([
      { service: "outer", message: "its release n/i is listed by outer/inner too" },
      { service: "outer/inner", message: "its release n/i is listed by outer too" },
    ]);
  });

  test("a helmfile behind a symbolic link is that of the directory that holds the link", async () => {
    const folder = join(root, "linked");
    write(
      join(root, "elsewhere/shared.yaml"),
      helmfile("releases:\n  - {name: s, namespace: s, chart: x/x}\n"),
    );
    mkdirSync(join(folder, "linked"), { recursive: true });
    symlinkSync(join(root, "elsewhere/shared.yaml"), join(folder, "linked/helmfile.yaml"));
    const tree = await read({ servicesDir: folder });
    expect(tree.services.map(({ name, releases }) => [name, releases.map(({ id }) => id)])).toEqual([
      ["linked", ["s/s"]],
    ]);
  });

  test("a link to a helmfile that is gone is an unreadable service among sound ones", async () => {
    const folder = join(root, "dangling");
    for (const name of ["a", "c"]) {
      write(
        join(folder, name, "helmfile.yaml"),
        helmfile(`releases:\n  - {name: r, namespace: ${name}, chart: x/x}\n`),
      );
    }
    mkdirSync(join(folder, "b"));
    symlinkSync("nowhere.yaml", join(folder, "b/helmfile.yaml"));
    const tree = await read({ servicesDir: folder, shards: 1 });
    expect(tree.services.map(({ name }) => name)).toEqual(["a", "c"]);
    expect(tree.unreadable).toEqual([
      { service: "b", exitCode: 1, message: "specified state file dangling/b/helmfile.yaml is not found" },
    ]);
  });

  test("variables of the operator's shell do not change what is read", async () => {
    const env = {
      ...process.env,
      RELEASE_NAME: "x",
      HELMFILE_ENVIRONMENT: "codfw",
      HELMFILE_NAMESPACE: "other",
      HELMFILE_LOG_LEVEL: "debug",
    };
    expect(await read({ env })).toEqual(await read());
  });

  test("without helm nothing can be read, and one message says so", async () => {
    const onlyHelmfile = join(root, "bin");
    mkdirSync(onlyHelmfile);
    const where = spawnSync("sh", ["-c", "command -v helmfile"], { encoding: "utf8" }).stdout.trim();
    symlinkSync(where, join(onlyHelmfile, "helmfile"));
    const result = await discover({
      servicesDir,
      environment: "eqiad",
      env: { PATH: onlyHelmfile, HOME: root },
    });
    expect(result.ok || result.failure).toMatchObject([
      {
        code: "helmfile-unavailable",
        message: expect.stringContaining('exec: "helm": executable file not found'),
      },
    ]);
  });

  test("the tree survives being written down as an inventory", async () => {
    const tree = await read();
    expect(parseInventory({ file: "x.json", text: renderInventory(tree) })).toEqual({
      ok: true,
      value: tree,
    });
  });

  test("the fake of the other tests answers as helmfile does", async () => {
    const manners = { a: "sound", b: "absent", c: "broken", d: "sound", e: "absent", f: "broken" } as const;
    const folder = servicesOf(manners);
    const { program } = fakeHelmfile();
    for (const shards of [1, 6]) {
      const options = { servicesDir: folder, shards };
      const [real, fake] = [await read(options), await read({ ...options, helmfile: program })];
      expect(withoutReasons(real)).toEqual(withoutReasons(fake));
      expect(real.unreadable.map(({ service }) => service)).toEqual(["c", "f"]);
    }
    const nothing = servicesOf({ a: "absent", b: "absent" });
    expect(await read({ servicesDir: nothing })).toEqual(
      await read({ servicesDir: nothing, helmfile: program }),
    );
  });

  test("a template that hangs is killed with what it runs, and only its service is named", async () => {
    const folder = servicesOf({ a: "sound", c: "sound" });
    const child = `echo $$ > ${folder}/pid; exec sleep 1000`;
    write(
      join(folder, "b/helmfile.yaml"),
      helmfile(`# {{ exec "sh" (list "-c" ${JSON.stringify(child)}) }}\n`),
    );
    const tree = await read({ servicesDir: folder, limits: { shardMs: 2000, serviceMs: 6000 } });
    expect(tree.services.map(({ name }) => name)).toEqual(["a", "c"]);
    expect(tree.unreadable).toEqual([{ service: "b", message: "helmfile did not answer within 6 s" }]);
    const pid = Number(readFileSync(join(folder, "pid"), "utf8"));
    await expect.poll(() => isRunning(pid)).toBe(false);
  });

  test("no generated file is left behind", async () => {
    const folder = join(root, "tmp");
    mkdirSync(folder);
    const before = process.env.TMPDIR;
    process.env.TMPDIR = folder;
    try {
      await read();
    } finally {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
    }
    expect(readdirSync(folder)).toEqual([]);
  });
});

/** Why a template failed, only helmfile can say. */
function withoutReasons(tree: Tree): Tree {
  const cut = (message: string): string => message.replace(/(parsing: ).*/s, "$1…");
  return { ...tree, unreadable: tree.unreadable.map((one) => ({ ...one, message: cut(one.message) })) };
}

function helmfile(rest: string): string {
  return `environments:\n  eqiad: {}\n---\n${rest}`;
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** Asks real helmfile a question, and writes the answer as if the tree lay where the recordings have it. */
function ask(root: string, question: Question): Recording {
  const asked: string | readonly string[] = questions[question];
  const path = (service: string): string => join(root, "services", service, "helmfile.yaml");
  const file = typeof asked === "string" ? path(asked) : join(root, "services-1.yaml");
  if (typeof asked !== "string") {
    const paths = asked.map((service) => `  - path: ${JSON.stringify(path(service))}\n`);
    writeFileSync(file, `environments:\n  "eqiad": {}\nhelmfiles:\n${paths.join("")}`);
  }
  const { status, stdout, stderr } = spawnSync(
    "helmfile",
    ["--file", file, "--environment", "eqiad", "build"],
    {
      env: helmfileEnvironment(process.env),
      encoding: "utf8",
    },
  );
  const moved = (text: string): string => text.replaceAll(root, recordedRoot);
  return { stdout: moved(stdout), stderr: moved(stderr), exitCode: status ?? -1 };
}

function record(question: Question, { stdout, stderr, exitCode }: Recording): void {
  const files = recordingFiles(question);
  if (stdout !== "") write(files.stdout, stdout);
  if (stderr !== "") write(files.stderr, stderr);
  write(files.exitCode, `${exitCode}\n`);
}
