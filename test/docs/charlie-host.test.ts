import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type BuiltCommand, buildCommand, repository } from "../host/support/built-command.ts";
import { clusterBehind } from "../host/support/cluster-behind.ts";
import { controlledHelmfile } from "../host/support/controlled-helmfile.ts";
import { describeWithPython } from "../support/python.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

vi.setConfig({ testTimeout: 60_000 });

const example = join(repository, "docs/examples/charlie_host.py");

/** What helmfile prints for each service of the tree. */
const services = {
  "mw-web": ["mediawiki/canary", "mediawiki/main", "statsd-exporter/prometheus"],
  shop: ["mediawiki/main", "statsd-exporter/prometheus"],
  toolhub: ["toolhub/main"],
  miscweb: ["miscweb/main"],
};

it("docs/hosts.md shows the lines of the example", () => {
  const [, shown = ""] = readFileSync(example, "utf8").split(/^# What docs\/hosts\.md shows .* here\.\n/m);
  const count = shown.split("\n").filter((line) => line.trim() !== "").length;
  const hosts = readFileSync(join(repository, "docs/hosts.md"), "utf8");
  expect(hosts).toContain(`\n## charlie in ${count} lines\n`);
  expect(hosts).toContain(`\n\`\`\`python\n${shown.trim()}\n\`\`\`\n`);
});

describeWithPython("the host in Python", () => {
  let command: BuiltCommand;
  beforeAll(async () => {
    command = await buildCommand();
  });
  afterAll(() => command.remove());

  /** A tree with a fake helmfile before it, and the cluster that it deploys to. */
  async function start(registry: Readonly<Record<string, string>> = {}) {
    const helmfile = controlledHelmfile();
    const handOff = controlledHelmfile("mediawiki-handoff");
    const { registryFile, kubernetes } = await clusterBehind(helmfile, { registry });
    const tree = temporaryFolder(Object.fromEntries(Object.entries(services).flatMap(filesOf)));
    helmfile.answer("build", build);
    const program = `${process.execPath} ${command.program} --registry ${registryFile}`;
    const run = (...args: readonly string[]) =>
      execa("python3", [example, ...args, "--services_dir", tree], {
        env: { CHARLIE_MEDIAWIKI: program, PATH: `${handOff.folder}:${helmfile.path}`, HOME: tree },
        extendEnv: false,
        reject: false,
      });
    /** What helmfile was told to deploy, in order. */
    const deployed = () => helmfile.calls().filter((call) => !call.includes(" build"));
    /** How each of these ended. */
    const ends = () => helmfile.ends().filter((end) => !end.startsWith("build "));
    return { helmfile, handOff, kubernetes, tree, run, deployed, ends };
  }

  it("restores in order, hands MediaWiki over when all that it needs is there, and tells why", async () => {
    const { run, deployed, handOff, tree } = await start();
    const { exitCode, stdout, stderr } = await run("restore", "north");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const file = (service: string) => `--file ${tree}/${service}/helmfile.yaml --environment north`;
    expect(deployed()).toEqual([
      `${file("mw-web")} -l namespace=mw-web,name=prometheus sync`,
      `${file("shop")} -l namespace=shop,name=prometheus sync`,
      `${file("toolhub")} sync`,
      `${file("miscweb")} sync`,
    ]);
    expect(handOff.calls()).toEqual(["north"]);
    expect(stdout.replaceAll(tree, "…")).toMatchInlineSnapshot(`
      "stage support: begins
      $ helmfile --file …/mw-web/helmfile.yaml --environment north -l namespace=mw-web,name=prometheus sync
      $ helmfile --file …/shop/helmfile.yaml --environment north -l namespace=shop,name=prometheus sync
      stage priority: begins
      $ helmfile --file …/toolhub/helmfile.yaml --environment north sync
      stage rest: begins
      $ helmfile --file …/miscweb/helmfile.yaml --environment north sync
      gate support: 2 steps succeeded, 2 Services are there
      stage mediawiki: begins
      $ mediawiki-handoff north"
    `);
  });

  it("leaves MediaWiki alone, and deploys only what it needs where asked to", async () => {
    const all = await start();
    expect((await all.run("apply", "north")).exitCode).toBe(0);
    expect(all.ends()).toEqual([
      "apply miscweb 0",
      "apply mw-web_prometheus 0",
      "apply shop_prometheus 0",
      "apply toolhub 0",
    ]);
    const some = await start();
    expect((await some.run("apply", "north", "--support-only")).exitCode).toBe(0);
    expect(some.ends()).toEqual(["apply mw-web_prometheus 0", "apply shop_prometheus 0"]);
    expect([...all.handOff.calls(), ...some.handOff.calls()]).toEqual([]);
  });

  it("blocks what waits for a step that failed, goes on with the rest, and tells what mends it", async () => {
    const { run, helmfile, handOff, ends } = await start();
    helmfile.answer("sync.shop_prometheus", "echo timed out >&2; exit 1");
    const { exitCode, stdout, stderr } = await run("restore", "north");
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: "timed out" });
    expect(ends()).toEqual([
      "sync mw-web_prometheus 0",
      "sync shop_prometheus 1",
      "sync toolhub 0",
      "sync miscweb 0",
    ]);
    expect(handOff.calls()).toEqual([]);
    expect(stdout).toContain("gate support: shop/prometheus failed");
    expect(stdout).toContain("charlie-mediawiki apply --support-only -e north -s shop");
  });

  it("believes the cluster and not an exit code: without the Service, MediaWiki is not handed over", async () => {
    // Rights that are lacking are waited for, but not longer than for a gate.
    const { run, kubernetes, handOff } = await start({ gateSeconds: "1" });
    kubernetes.answer("/api/v1/namespaces/shop/services", { kind: "status", status: 403, message: "no" });
    const { exitCode, stdout } = await run("restore", "north");
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^gate support: .*shop/m);
    expect(handOff.calls()).toEqual([]);
  });

  it("shows what it would run, and runs nothing", async () => {
    const { run, deployed, tree } = await start();
    const { exitCode, stdout } = await run("restore", "north", "--support-only", "--dry_run");
    expect(exitCode).toBe(0);
    expect(stdout.split("\n")).toEqual(
      ["mw-web", "shop"].map(
        (name) =>
          `helmfile --file ${tree}/${name}/helmfile.yaml --environment north -l namespace=${name},name=prometheus sync`,
      ),
    );
    expect(deployed()).toEqual([]);
  });

  it("ends as the command does where that refuses, and deploys nothing", async () => {
    const { run, deployed, helmfile } = await start();
    const wrong = await run("restore", "south");
    expect({ exitCode: wrong.exitCode, stdout: wrong.stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(wrong.stderr).toContain('unknown environment "south"');
    helmfile.answer("build", 'echo "$2: it is broken" >&2; exit 1');
    const unread = await run("restore", "north");
    expect(unread.exitCode).not.toBe(0);
    expect(unread.stdout).toBe("");
    expect(deployed()).toEqual([]);
  });
});

/** The files of a service: a helmfile, and what the fake prints for it. */
function filesOf([service, releases]: [string, readonly string[]]): [string, string][] {
  const listed = releases.map((release) => {
    const [chart = "", name = ""] = release.split("/");
    const labels = `{ chart: ${chart}, name: ${name}, namespace: ${service} }`;
    return `  - { chart: wmf-stable/${chart}, name: ${name}, namespace: ${service}, labels: ${labels} }\n`;
  });
  const rendered = `filepath: helmfile.yaml\nreleases:\n${listed.join("")}templates: {}\nrenderedvalues: {}\n`;
  return [
    [`${service}/helmfile.yaml`, "environments:\n  north: {}\n---\nreleases: []\n"],
    [`${service}/build.yaml`, rendered],
  ];
}

/** One document for each service that the generated file names, then one for the file itself. */
const build = `
for path in $(sed -n 's/^  - path: "\\(.*\\)"$/\\1/p' "$2"); do
  printf -- '---\\n#  Source: %s\\n\\n' "$path"
  cat "\${path%/*}/build.yaml"
done
printf -- '---\\n#  Source: %s\\n\\nfilepath: x\\ntemplates: {}\\nrenderedvalues: {}\\n' "$2"
exit 0
`;
