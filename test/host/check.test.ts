import { spawnSync } from "node:child_process";
import {
  chmodSync,
  lstatSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { kubeconfigFor } from "../support/fake-kubernetes.ts";
import { deploymentManifest, serviceManifest } from "../support/rendered.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { type BuiltCommand, buildCommand, repository } from "./support/built-command.ts";
import { runInProcess } from "./support/in-process.ts";
import { hasPseudoTerminal, onTerminal } from "./support/pseudo-terminal.ts";
import { mediawikiInventory } from "./support/small-inventory.ts";
import { spawnCommand } from "./support/spawned.ts";

let command: BuiltCommand;
beforeAll(async () => {
  command = await buildCommand();
});
afterAll(() => command.remove());

const registry = `version: 1
rules:
  - match: { chart: mediawiki }
    class: mediawiki
namespaces:
  mw-web:
    support: [prometheus]
  shop:
    support: [prometheus]
services:
  prometheus: { provides: [service/exporter] }
`;

/** A kubeconfig whose server is away. */
const away = kubeconfigFor("http://127.0.0.1:1");

/** Checks the small inventory with this package's plugin; the registry is told by its name in the folder. */
async function check(words: readonly string[], files: Readonly<Record<string, string>> = {}) {
  const folder = temporaryFolder({ "registry.yaml": registry, ...files });
  const place = (word: string) => word.replace("FOLDER", folder);
  const inventory = words.includes("--inventory") ? [] : ["--inventory", mediawikiInventory()];
  const own = ["--plugin", command.folder, "--registry", join(folder, "registry.yaml"), ...inventory];
  const file = join(folder, "registry.yaml");
  chmodSync(file, 0o640);
  const ended = await runInProcess(["check", ...words.map(place), ...own]);
  return {
    registryAfter: readFileSync(file, "utf8"),
    modeAfter: statSync(file).mode & 0o777,
    exitCode: ended.exitCode,
    stdout: ended.stdout.replaceAll(folder, "FOLDER"),
    stderr: ended.stderr.replaceAll(folder, "FOLDER"),
  };
}

const web = (namespace: string, words: readonly string[]) => ({
  [`manifests/${namespace}/main/all.yaml`]: deploymentManifest("main", words),
  [`manifests/${namespace}/prometheus/all.yaml`]: serviceManifest("exporter"),
});
const reads = ["$(EXPORTER_SERVICE_HOST)"];
const toolhub = { "manifests/toolhub/main/all.yaml": serviceManifest("toolhub") };
const manifests = { ...web("mw-web", reads), ...web("shop", reads), ...toolhub };

const codesOf = (stdout: string): string[] =>
  (JSON.parse(stdout) as { findings: { code: string; subject: string }[] }).findings.map(
    ({ code, subject }) => `${code} ${subject}`,
  );

describe("check", () => {
  it("of what has no fault ends with 0, although hints are told", async () => {
    const { exitCode, stdout, stderr } = await check(["--manifests", "FOLDER/manifests"], manifests);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(/^hint: mw-web\/main would not have to wait for mw-web\/prometheus/);
    expect(stdout).toContain("\n\n2 hints; read: north\n");
  });

  it("of an inventory alone says what it did not look at", async () => {
    expect(await check([])).toMatchObject({
      exitCode: 0,
      stdout: "nothing found; read: north\n",
      stderr: expect.stringContaining(
        "note: no manifests of north: what releases need of one another is not checked",
      ),
    });
  });

  it("of some services says that names which match nothing were not looked for, to people only", async () => {
    const unused = registry.replace("services:", '  shopp:\n    mediawiki: "*"\nservices:');
    const files = { "registry.yaml": unused };
    const last = "\nnames in the registry that match nothing are looked for only without -s\n";
    const narrow = await check(["-s", "shop"], files);
    expect(narrow.exitCode).toBe(0);
    expect(narrow.stdout).toMatch(new RegExp(`^nothing found; read: north${last}$`));
    expect((await check(["-s", "shop", "-o", "json"], files)).stdout).not.toContain("match nothing");
    for (const words of [[], ["--exclude", "toolhub"]]) {
      const { stdout } = await check(words, files);
      expect(stdout).toContain("namespaces.shopp matches nothing");
      expect(stdout).not.toContain(last);
    }
  });

  it("of what has a fault ends with 1, and shows its place and what to do", async () => {
    const faulty = registry.replace("shop:\n    support: [prometheus]", "shop:\n    support: [promtheus]");
    const { exitCode, stdout } = await check([], { "registry.yaml": faulty });
    expect(exitCode).toBe(1);
    expect(stdout.split("\n\n")[0]).toBe(
      [
        "FOLDER/registry.yaml:8:3: error: shop/prometheus (chart wmf-stable/statsd-exporter) is in a MediaWiki namespace, and nothing in the registry says what it is [unclassified-release]",
        "  8 |   shop:",
        "    |   ^^^^",
        "  to do: add one of these lines to the entry of shop in FOLDER/registry.yaml, in place of the one with the same key if there is one:",
        "    namespaces:",
        "      shop:",
        "        support: [promtheus, prometheus]   # MediaWiki needs it first",
        "        mediawiki: [prometheus]            # scap deploys it",
        "        other: [prometheus]                # neither",
      ].join("\n"),
    );
  });

  it("answers programs in one line, and with the same bytes twice", async () => {
    const faulty = { ...manifests, ...web("shop", ["$(CACHE_SERVICE_HOST)"]) };
    const words = ["--manifests", "FOLDER/manifests", "-o", "json"];
    const first = await check(words, faulty);
    expect(first).toMatchObject({ exitCode: 1, stderr: "" });
    expect(JSON.parse(first.stdout)).toMatchObject({
      version: 1,
      environments: ["north"],
      rendered: ["north"],
    });
    expect(JSON.parse(first.stdout).findings[0]).toEqual({
      code: "unprovided-variable",
      severity: "error",
      subject: "shop/main",
      message:
        "shop/main reads CACHE_SERVICE_HOST, and no release of shop provides the Service cache (Deployment main, FOLDER/manifests/shop/main/all.yaml:10)",
      environments: ["north"],
      remedy: "deploy the Service cache in shop, or set CACHE_SERVICE_HOST in the values of shop/main",
      place: { file: "FOLDER/registry.yaml", line: 8, column: 3, length: 4, text: "  shop:" },
    });
    expect(await check(words, faulty)).toEqual(first);
  });

  it("compares with the deploying tool's own list", async () => {
    const list = "- { namespace: mw-web, releases: { main: {}, canary: {} } }\n";
    const { exitCode, stdout } = await check(["--deployments", "FOLDER/list.yaml", "-o", "json"], {
      "list.yaml": list,
    });
    expect({ exitCode, codes: codesOf(stdout) }).toEqual({
      exitCode: 1,
      codes: ["not-in-deployments shop/main", "only-in-deployments mw-web/canary"],
    });
  });

  it("tells only of the services that were asked about", async () => {
    const wants = ["$(CACHE_SERVICE_HOST)"];
    const faulty = { ...web("mw-web", wants), ...web("shop", wants), ...toolhub };
    const words = ["--manifests", "FOLDER/manifests", "-o", "json"];
    const { stdout } = await check([...words, "-s", "shop"], faulty);
    expect(codesOf(stdout)).toEqual(["unprovided-variable shop/main", "needless-order shop/prometheus"]);
    expect(codesOf((await check([...words, "--exclude", "shop,mw-web"], faulty)).stdout)).toEqual([]);
  });

  it("names manifests that cannot be read, and those of no release", async () => {
    const broken = {
      ...manifests,
      "manifests/stray.yaml": serviceManifest("stray"),
      "manifests/shop/main/bad.yaml": "kind: [\n",
    };
    const { exitCode, stdout } = await check(["--manifests", "FOLDER/manifests", "-o", "json"], broken);
    expect(exitCode).toBe(1);
    const found = codesOf(stdout).filter((text) => !text.startsWith("dns-instead"));
    expect(found).toEqual([
      expect.stringMatching(/^\S+ FOLDER\/manifests\/shop\/main\/bad\.yaml$/),
      "stray-object manifests",
    ]);
  });

  it.each([
    [
      ["--deployments", "FOLDER/none.yaml"],
      "the deployments file FOLDER/none.yaml cannot be read: no such file",
    ],
    [["--deployments", "FOLDER/registry.yaml"], "there is no key"],
    [["--kubeconfig", "FOLDER/kubeconfig"], "--kubeconfig is for --cluster, which is not given"],
    [["-s", "nothing"], '--service "nothing" matches no service'],
    [["--manifests", "FOLDER/none"], "the manifests FOLDER/none cannot be read"],
    [["--cluster", "--kubeconfig", "FOLDER/none"], "--kubeconfig: there is no FOLDER/none"],
  ])("refuses %j", async (words, message) => {
    const { exitCode, stdout, stderr } = await check(words, { kubeconfig: away });
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(message);
  });

  it("with --cluster looks at the clusters, and says what it cannot see there", async () => {
    const flags = ["--cluster", "--kubeconfig", "FOLDER/kubeconfig"];
    const { exitCode, stdout } = await check([...flags, "-o", "json"], { kubeconfig: away });
    expect({ exitCode, codes: codesOf(stdout) }).toEqual({
      exitCode: 1,
      codes: ["cluster-unreadable mw-web", "cluster-unreadable shop"],
    });
    expect(stdout).toMatch(/could not be read: [^"]* from http:\/\/127.0.0.1:1: connection refused/);
  });

  it("could not find out where nothing could be read", async () => {
    const inventory = { version: 1, environment: "north", services: [], absent: [] };
    const errors = [{ service: "shop", exitCode: 1, message: "no values" }];
    const { exitCode, stdout, stderr } = await check(["--inventory", "FOLDER/inventory.json"], {
      "inventory.json": JSON.stringify({ ...inventory, errors }),
    });
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: "" });
    expect(stderr).toContain("the service shop could not be read: no values");
  });

  it("is there only where a plugin answers for it", async () => {
    const { exitCode, stderr } = await runInProcess(["check", "--no-plugin"]);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: expect.stringContaining('unknown verb "check"'),
    });
  });
});

const faulty = registry.replace(
  "shop:\n    support: [prometheus]",
  "shop: # ours\n    support: [prometheus] # why\n    other: [main]",
);
const mended = faulty.replace("other: [main]", "mediawiki: [main]");
const shopPatch = [
  "--- FOLDER/registry.yaml",
  "+++ FOLDER/registry.yaml",
  "@@ -6,7 +6,7 @@",
  "   mw-web:",
  "     support: [prometheus]",
  "   shop: # ours",
  "     support: [prometheus] # why",
  "-    other: [main]",
  "+    mediawiki: [main]",
  " services:",
  "   prometheus: { provides: [service/exporter] }",
];

function makePipe(path: string): void {
  spawnSync("/bin/sh", ["-c", 'mkfifo "$0"', path]);
}

describe("check --write", () => {
  const files = { ...manifests, "registry.yaml": faulty };
  const words = ["--manifests", "FOLDER/manifests", "--write"];

  it("with --dry-run shows the change and what it mends, and writes nothing", async () => {
    const { exitCode, stdout, registryAfter } = await check([...words, "--dry_run"], files);
    expect({ exitCode, registryAfter }).toEqual({ exitCode: 1, registryAfter: faulty });
    const from = stdout.indexOf("--- FOLDER/registry.yaml");
    expect(stdout.slice(from)).toBe(
      `${[...shopPatch, "", "mends:", "  shop/main [contradicting-class]"].join("\n")}\n`,
    );
  });

  it("with --yes writes it, with every comment and the file's mode, and ends as what is left says", async () => {
    const { exitCode, stderr, registryAfter, modeAfter } = await check([...words, "--yes"], files);
    expect({ exitCode, registryAfter, modeAfter }).toEqual({
      ...{ exitCode: 0, registryAfter: mended, modeAfter: 0o640 },
    });
    expect(stderr).toBe("written: FOLDER/registry.yaml\n");
  });

  it("tells programs the patch, and whether it was written", async () => {
    const { exitCode, stdout } = await check([...words, "--yes", "-o", "json"], files);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      proposal: {
        file: "FOLDER/registry.yaml",
        patch: `${shopPatch.join("\n")}\n`,
        mended: [{ code: "contradicting-class", subject: "shop/main" }],
        left: [],
        written: true,
      },
    });
  });

  it("says what stays, and why, where nothing can be changed", async () => {
    const reading = { ...manifests, ...web("shop", ["$(CACHE_SERVICE_HOST)"]) };
    const { exitCode, stdout, registryAfter } = await check([...words, "--yes"], reading);
    expect({ exitCode, registryAfter }).toEqual({ exitCode: 1, registryAfter: registry });
    expect(stdout).toContain(
      "\n\nno change of the registry is proposed\n\nstays:\n  shop/main [unprovided-variable]: nothing says how: it is for you to decide\n",
    );
  });

  it("writes through a link, and leaves the link", async () => {
    const linked = temporaryFolder({ "real.yaml": faulty });
    symlinkSync(join(linked, "real.yaml"), join(linked, "registry.yaml"));
    const own = ["--plugin", command.folder, "--inventory", mediawikiInventory(), "--yes", "--write"];
    await runInProcess(["check", ...own, "--registry", join(linked, "registry.yaml")]);
    expect(readFileSync(join(linked, "real.yaml"), "utf8")).toBe(mended);
    expect(lstatSync(join(linked, "registry.yaml")).isSymbolicLink()).toBe(true);
    expect(readdirSync(linked)).toEqual(["real.yaml", "registry.yaml"]);
  });

  it("refuses what an installation would undo, and what holds more than UTF-8", async () => {
    const within = temporaryFolder({ "node_modules/p/registry.yaml": faulty });
    const packaged = join(within, "node_modules/p/registry.yaml");
    const latin = join(within, "latin.yaml");
    const bytes = Buffer.from(`${faulty}# caf\xe9\n`, "latin1");
    writeFileSync(latin, bytes);
    symlinkSync(packaged, join(within, "link.yaml"));
    const write = (file: string, ...more: readonly string[]) => {
      const own = ["--plugin", command.folder, "--inventory", mediawikiInventory(), "--registry", file];
      return runInProcess(["check", "--write", ...own, ...more]);
    };
    expect(await write(join(within, "link.yaml"), "--yes")).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("a package's own, and the next installation would undo"),
    });
    expect(await write(packaged, "--dry-run")).toMatchObject({ exitCode: 1 });
    expect(readFileSync(packaged, "utf8")).toBe(faulty);
    expect(await write(latin, "--yes")).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("it is not all UTF-8"),
    });
    expect(readFileSync(latin)).toEqual(bytes);
  });

  it("refuses a pipe, which is there to be read once", async () => {
    const folder = temporaryFolder({ "registry.yaml": faulty });
    const pipe = join(folder, "pipe");
    makePipe(pipe);
    const own = ["--plugin", command.folder, "--inventory", mediawikiInventory(), "--registry", pipe];
    const run = spawnCommand(command.program, ["check", "--write", "--yes", ...own]);
    spawnSync("sh", ["-c", 'cat "$0" > "$1"', join(folder, "registry.yaml"), pipe], { timeout: 10_000 });
    expect(await run.ended).toEqual({
      exitCode: 2,
      stdout: "",
      stderr: expect.stringContaining(`the registry ${pipe} cannot be written: it is no file\n`),
    });
  });

  it("says that it was changed, and not that it is no UTF-8, where another one was quicker", async () => {
    const folder = temporaryFolder({
      "registry.yaml": faulty,
      "plugin.json": JSON.stringify({
        ...{ name: "quick", version: "1.0.0", apiVersion: 1, entry: "./plugin.mjs" },
        registry: "./registry.yaml",
        hooks: { "tree:check": {} },
      }),
      "plugin.mjs": `import { appendFileSync } from "node:fs";
export default ({ registry }) => {
  appendFileSync(registry.file, "# theirs\\n");
  return { hooks: { "tree:check": () => ({ findings: [], diagnostics: [] }) } };
};`,
    });
    const own = ["--plugin", folder, "--inventory", mediawikiInventory(), "--yes"];
    const file = join(folder, "registry.yaml");
    expect(await runInProcess(["check", "--write", ...own])).toEqual({
      exitCode: 2,
      stdout: "",
      stderr: `nothing was written: ${file} has been changed since it was read\n  to do: check again\n`,
    });
    expect(readFileSync(file, "utf8")).toBe(`${faulty}# theirs\n`);
  });

  const long = `${faulty}${"# a comment\n".repeat(1000)}`;

  it("says so where a file may not become as long as it must", () => {
    const folder = temporaryFolder({ "registry.yaml": long });
    const file = join(folder, "registry.yaml");
    const own = ["check", "--write", "--yes", "--inventory", mediawikiInventory(), "--registry", file];
    const argv = ["-c", 'ulimit -f 2; exec "$@"', "sh", process.execPath, command.program, ...own];
    const { status, stderr } = spawnSync("sh", argv, { encoding: "utf8" });
    expect(status).toBe(2);
    expect(stderr).toContain(`nothing was written: ${file}: larger than a file may be here\n`);
    expect([readFileSync(file, "utf8"), readdirSync(folder)]).toEqual([long, ["registry.yaml"]]);
  });

  it.skipIf(process.getuid?.() === 0)("refuses a file that may not be written", async () => {
    const folder = temporaryFolder({ "registry.yaml": faulty });
    const file = join(folder, "registry.yaml");
    chmodSync(file, 0o440);
    const own = ["--plugin", command.folder, "--inventory", mediawikiInventory(), "--registry", file];
    expect(await runInProcess(["check", "--write", "--yes", ...own])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("permission denied"),
    });
    expect(readFileSync(file, "utf8")).toBe(faulty);
  });

  it.each([
    [["--write"], "check --write asks before it writes, and there is no terminal to ask on: give --yes"],
    [["--yes"], "--yes is for --write, which is not given"],
    [["--dry-run"], "--dry-run is for --write, which is not given"],
  ])("refuses %j", async (given, message) => {
    const { exitCode, stdout, stderr } = await check(given);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(message);
  });

  describe.skipIf(!hasPseudoTerminal)("on a terminal", { timeout: 20_000 }, () => {
    function operate(text = faulty, ...before: readonly string[]) {
      const folder = temporaryFolder({ "registry.yaml": text });
      const file = join(folder, "registry.yaml");
      const argv = ["check", "--write", "--registry", file, "--inventory", mediawikiInventory()];
      const env = { PATH: process.env.PATH ?? "", HOME: folder, TERM: "xterm", LANG: "C.UTF-8" };
      const words = [...before, process.execPath, command.program, ...argv];
      const session = onTerminal(["env", ...words], { env, cwd: repository });
      return { ...session, file };
    }

    it("says after the answer, too, that a file may not become as long as it must", async () => {
      const limit = ["sh", "-c", 'ulimit -f 2; exec "$@"', "sh"];
      const { sees, types, ended, screen, file } = operate(long, ...limit);
      await sees("registry.yaml?");
      types("y\r");
      expect((await ended).exitCode).toBe(2);
      expect(screen()).toContain("larger than a file may be here");
      expect(readFileSync(file, "utf8")).toBe(long);
    });

    it("asks, and writes when the answer is yes", async () => {
      const { sees, types, ended, file } = operate();
      await sees("registry.yaml?");
      expect(readFileSync(file, "utf8")).toBe(faulty);
      types("y\r");
      expect((await ended).exitCode).toBe(0);
      expect(readFileSync(file, "utf8")).toBe(mended);
    });

    it.each([
      ["no", "n\r", 1],
      ["Ctrl-C", "\x03", 130],
    ])("writes nothing when the answer is %s", async (_, keys, exitCode) => {
      const { sees, types, ended, file } = operate();
      await sees("registry.yaml?");
      types(keys);
      expect((await ended).exitCode).toBe(exitCode);
      expect(readFileSync(file, "utf8")).toBe(faulty);
    });

    it("writes nothing over what somebody else has written meanwhile", async () => {
      const { sees, types, ended, screen, file } = operate();
      await sees("registry.yaml?");
      writeFileSync(file, `${faulty}# theirs\n`);
      types("y\r");
      expect((await ended).exitCode).toBe(2);
      expect(screen()).toContain("registry.yaml has been changed since it was read");
      expect(readFileSync(file, "utf8")).toBe(`${faulty}# theirs\n`);
    });

    it("does not wait for a pipe that somebody has put in its place meanwhile", async () => {
      const { sees, types, ended, screen, file } = operate();
      await sees("registry.yaml?");
      rmSync(file);
      makePipe(file);
      types("y\r");
      expect((await ended).exitCode).toBe(2);
      expect(screen()).toContain(`nothing was written: ${file}: it is no file`);
      expect(statSync(file).isFIFO()).toBe(true);
    });
  });
});

describe("the registry of this package", () => {
  it.each(["eqiad", "staging"])("has no fault against Wikimedia's inventory of %s", async (environment) => {
    const inventory = `fixtures/inventories/services-${environment}.json`;
    const words = ["--inventory", inventory, "--exclude", "cirrus-streaming-updater", "-o", "json"];
    const text = readFileSync(join(command.folder, "registry.yaml"), "utf8");
    const { exitCode, stdout } = await check(words, { "registry.yaml": text });
    expect({ exitCode, codes: [...new Set(codesOf(stdout).map((one) => one.split(" ")[0]))] }).toEqual({
      exitCode: 0,
      codes: environment === "staging" ? ["unused-entry"] : [],
    });
  });
});
