import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { assemblePlan } from "../../src/core/plan/assemble-plan.ts";
import { findRunToResume } from "../../src/host/resume.ts";
import { journalText } from "../core/support/journal-text.ts";
import { isRunning } from "../support/fake-helmfile.ts";
import { helmRecord, pod } from "../support/kubernetes-objects.ts";
import { plan, step } from "../support/plan.ts";
import { registry } from "../support/registry.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { tree } from "../support/tree.ts";
import { type BuiltCommand, buildCommand, repository } from "./support/built-command.ts";
import { clusterBehind } from "./support/cluster-behind.ts";
import { type ControlledHelmfile, controlledHelmfile } from "./support/controlled-helmfile.ts";
import { runInProcess } from "./support/in-process.ts";
import { startNorth } from "./support/north.ts";
import { inventoryOf, mediawikiInventory } from "./support/small-inventory.ts";
import { spawnCommand } from "./support/spawned.ts";

let command: BuiltCommand;
beforeAll(async () => {
  command = await buildCommand();
});
afterAll(() => command.remove());

/** A restore of services a, b and c, one after the other, on a cluster that holds what helmfile deployed. */
async function situation(helmfile: ControlledHelmfile) {
  const { registryFile, kubernetes } = await clusterBehind(helmfile);
  const state = temporaryFolder();
  const env = { PATH: helmfile.path, HOME: temporaryFolder() };
  const restore = (...flags: string[]) => [
    ...["restore", "--yes", "--plugin", command.folder, "--registry", registryFile, "--jobs", "1"],
    ...["--log_dir", join(state, "logs"), "--state_dir", state, ...flags],
  ];
  const run = (services: readonly string[], ...flags: string[]) =>
    runInProcess(restore("--inventory", inventoryOf(services), ...flags), { env });
  /** The same for what is asked about by its diffs. */
  const apply = (services: readonly string[], ...flags: string[]) =>
    runInProcess(["apply", ...restore("--inventory", inventoryOf(services), ...flags).slice(1)], { env });
  /** What somebody types who knows nothing of the run but that it is to go on. */
  const resumeOnly = (...name: string[]) =>
    runInProcess(["--yes", "--state_dir", state, "--log_dir", join(state, "logs"), "--resume", ...name], {
      env,
    });
  /** Begins to restore all services, and kills the command while this one is deployed. */
  const killWhileItRuns = async (service: string) => {
    const argv = restore("--inventory", inventoryOf(services));
    const first = spawnCommand(command.program, argv, { cwd: repository, env });
    await helmfile.until(`start ${service}`);
    first.kill("SIGKILL");
    await first.ended;
  };
  return { killWhileItRuns, kubernetes, env, run, apply, restore, resumeOnly, state };
}

/** A restore of MediaWiki's support, of which toolhub is taken first, one step after the other. */
async function interruptible() {
  const helmfile = controlledHelmfile();
  const { registryFile } = await clusterBehind(helmfile, {
    registry: {
      namespaces: "{ mw-web: { support: [prometheus] }, shop: { support: [prometheus] } }",
      stages: "[{ name: first, services: [toolhub] }, { name: support, class: support, gate: wait }]",
    },
  });
  const env = { PATH: helmfile.path, HOME: temporaryFolder() };
  const controller = new AbortController();
  const run = (...flags: string[]) => {
    const argv = ["restore", "--yes", "--jobs", "1", "--plugin", command.folder, "--registry", registryFile];
    const signal = controller.signal;
    return runInProcess([...argv, "--inventory", mediawikiInventory(), ...flags], { env, signal });
  };
  return { helmfile, run, interrupt: () => controller.abort() };
}

const services = ["a", "b", "c"];

function synced(helmfile: ControlledHelmfile): string[] {
  return helmfile.ends().map((end) => end.split(" ").slice(0, 2).join(" "));
}

describe("--resume", () => {
  it("counts what an earlier run has deployed as there, and logs what is left: here only the hand-off", async () => {
    const { handOff, run } = await startNorth(command);
    handOff.answer("north", "exit 1");
    const first = await run("restore", "--yes");
    expect(first.exitCode).toBe(1);
    expect(first.stderr).toContain("charlie-mediawiki restore [north] 3 releases: START\n");
    handOff.answer("north", "exit 0");
    const { exitCode, stderr } = await run("restore", "--yes", "--resume");
    expect(exitCode).toBe(0);
    expect(stderr).toContain("charlie-mediawiki restore [north] only mediawiki-handoff north: START\n");
    expect(stderr).toMatch(
      /^support +2 of 2 releases \(2 earlier\) +2 skipped\npriority +1 of 1 releases \(1 earlier\) +1 skipped$/m,
    );
  });

  it("that is interrupted does not say that MediaWiki must wait for what an earlier run has deployed", async () => {
    const { helmfile, run, interrupt } = await interruptible();
    helmfile.answer("toolhub", "exit 1");
    expect((await run()).exitCode).toBe(1);
    helmfile.hold("toolhub");
    const resumed = run("--resume");
    await helmfile.until("start toolhub");
    interrupt();
    const { exitCode, stderr } = await resumed;
    expect(exitCode).toBe(130);
    expect(stderr).toMatch(/^support +2 of 2 releases \(2 earlier\) +2 skipped$/m);
    expect(stderr).not.toContain("MediaWiki must wait");
  });

  it("does again what failed and what was blocked or never begun, and nothing that succeeded", async () => {
    const helmfile = controlledHelmfile();
    helmfile.answer("b", "exit 1");
    const { run, kubernetes } = await situation(helmfile);
    expect((await run(services)).exitCode).toBe(1);
    expect(synced(helmfile)).toEqual(["sync a", "sync b", "sync c"]);
    helmfile.answer("b", "exit 0");
    // The cluster is in use by now, by what the first run deployed: nobody is asked about that again.
    kubernetes.put(pod("a/main-1"));
    const resumed = await run(services, "--resume");
    expect(resumed.exitCode).toBe(0);
    expect(resumed.stderr).toMatch(/^going on with north-\S+: 2 of 3 steps are done, 1 are left$/m);
    expect(resumed.stderr).not.toContain("wiped");
    expect(resumed.stderr).toMatch(/^ {2}rest +1 release in 1 step$/m);
    expect(resumed.stderr).toMatch(
      /^ *how long it takes is not known: no earlier run of north measured any of these steps$/m,
    );
    expect(synced(helmfile).slice(3)).toEqual(["sync b"]);
    const nothing = await run(services, "--resume");
    expect(nothing.exitCode).toBe(0);
    expect(nothing.stderr).toMatch(
      /^nothing to go on with: north-\S+ came to its end, and everything in it succeeded$/m,
    );
    expect(synced(helmfile)).toHaveLength(4);
  });

  it("needs no more than the command that the summary and the report print, which answers nothing", async () => {
    const helmfile = controlledHelmfile();
    helmfile.answer("b", "exit 1");
    const { run, env, state } = await situation(helmfile);
    const { stderr } = await run(services, "--skip-gate", "rest");
    const [, command = ""] = /^when the cause is mended, go on with: (.+)$/m.exec(stderr) ?? [];
    expect(command).toMatch(new RegExp(`^charlie-mediawiki --state-dir ${state} --resume north-\\S+$`));
    const report = await runInProcess(["report", "--state_dir", state]);
    expect(report.stdout).toContain(`to do:\n  ${command}\n`);
    expect(stderr + report.stdout).not.toMatch(/--fix-pending|run the same/);
    helmfile.answer("b", "exit 0");
    const resumed = await runInProcess([...command.split(" ").slice(1), "--yes"], { env });
    expect([resumed.exitCode, synced(helmfile).slice(3)]).toEqual([0, ["sync b"]]);
  });

  it.each([
    ["counts as done where helm has deployed it meanwhile", true, ["sync b", "sync c"]],
    ["is done again where helm has nothing of it", false, ["sync a", "sync b", "sync c"]],
  ])("a step that was running when the run was killed %s", async (_, ends, expected) => {
    const helmfile = controlledHelmfile();
    helmfile.hold("a");
    const { run, killWhileItRuns } = await situation(helmfile);
    await killWhileItRuns("a");
    if (ends) await helmfile.release("a");
    else for (const pid of helmfile.pids()) process.kill(pid, "SIGKILL");
    // A run refuses to begin beside it.
    await expect.poll(() => helmfile.pids().filter(isRunning), { timeout: 10_000 }).toEqual([]);
    const before = helmfile.ends().length;
    helmfile.answer("a", "exit 0");
    const resumed = await run(services, "--resume");
    expect(resumed.stderr).toMatch(/^a was running when north-\S+ ended; a\/main is /m);
    expect(resumed.exitCode).toBe(0);
    expect(synced(helmfile).slice(before)).toEqual(expected);
  });

  it("does again what is not there any more: the cluster may have been wiped since", async () => {
    const helmfile = controlledHelmfile();
    helmfile.answer("c", "exit 1");
    const { run, kubernetes } = await situation(helmfile);
    expect((await run(services)).exitCode).toBe(1);
    helmfile.answer("c", "exit 0");
    kubernetes.remove("Secret", "a/sh.helm.release.v1.main.v1");
    const { exitCode, stderr } = await run(services, "--resume");
    expect(exitCode).toBe(0);
    expect(stderr).toContain(
      "was done, and is not there any more, or half done by now, so it is done again: a\n",
    );
    expect(synced(helmfile).slice(3).sort()).toEqual(["sync a", "sync c"]);
  });

  it("does again what succeeded and would change by now: its diff is taken, as values and charts may be other", async () => {
    const helmfile = controlledHelmfile();
    const { apply, kubernetes } = await situation(helmfile);
    kubernetes.put(...services.map((service) => helmRecord(`${service}/main`)));
    helmfile.answer("diff", "exit 2");
    helmfile.answer("apply.c", "exit 1");
    expect((await apply(services)).exitCode).toBe(1);
    helmfile.answer("apply.c", "exit 0");
    helmfile.answer("diff.a", "exit 0");
    const before = helmfile.ends().length;
    const { exitCode, stderr } = await apply(services, "--resume");
    expect(exitCode).toBe(0);
    expect(stderr).toContain("was done, and would change by now, so it is among what is left: b\n");
    expect(stderr).toMatch(/a skipped: done in north-/);
    expect(
      synced(helmfile)
        .slice(before)
        .filter((end) => end.startsWith("apply"))
        .sort(),
    ).toEqual(["apply b", "apply c"]);
  });

  it("does again what succeeded of a service whose files have changed since, and tells where that is not known", async () => {
    const helmfile = controlledHelmfile();
    helmfile.answer("b", "exit 1");
    const { run, state } = await situation(helmfile);
    const files = services.map((service) => [`${service}/charts/values.yaml`, "old"]);
    const folder = temporaryFolder(Object.fromEntries(files));
    const restore = (...flags: string[]) => run(services, "--services_dir", folder, ...flags);
    const first = runNameIn((await restore()).stderr);
    const before = synced(helmfile).length;
    writeFileSync(join(folder, "a/charts/values.yaml"), "new");
    const { stderr } = await restore("--resume");
    expect(stderr).toContain(`since ${first} files have changed, so all of it is done again: a\n`);
    expect(synced(helmfile).slice(before).sort()).toEqual(["apply a", "sync b"]);
    // A journal of an older version says nothing of files.
    const journal = join(state, "runs", `${first}.ndjson`);
    writeFileSync(journal, readFileSync(journal, "utf8").replace(/"files":\{.*?\},/, ""));
    const old = await restore("--resume", first);
    expect(old.stderr).toContain(`whether files have changed since ${first} is not known: a, c\n`);
    expect(synced(helmfile).slice(before + 2)).toEqual(["sync b"]);
  });

  it("with --dry_run shows what would run, and not what is done", async () => {
    const helmfile = controlledHelmfile();
    helmfile.answer("b", "exit 1");
    const { run } = await situation(helmfile);
    await run(services);
    const { exitCode, stdout } = await run(services, "--resume", "--dry_run");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^helmfile --file \S+\/b\/helmfile.yaml .* sync\n$/);
    expect(synced(helmfile)).toHaveLength(3);
    const plan: unknown = JSON.parse((await run(services, "--resume", "--dry_run", "-o", "json")).stdout);
    expect(plan).toMatchObject({ steps: [{ id: "b", after: [] }], stages: expect.anything() });
  });

  it("does not forget what a narrower one left out: it names that with its run, and ends with 1", async () => {
    const helmfile = controlledHelmfile();
    for (const service of services) helmfile.answer(service, "exit 1");
    const { run, resumeOnly } = await situation(helmfile);
    const first = runNameIn((await run(services)).stderr);
    helmfile.answer("b", "exit 0");
    const second = await run(services, "--resume", "-s", "b");
    expect(second.exitCode).toBe(0);
    const forgotten = [`  a: failed in ${first}`, `  c: failed in ${first}`];
    expect(second.stderr).toContain(["not done, and not in this plan:", ...forgotten, ""].join("\n"));
    const third = await resumeOnly();
    expect(third.exitCode).toBe(1);
    expect(third.stderr).toContain(
      [
        `${runNameIn(second.stderr)} came to its end, but what an earlier run has left was not in it:`,
        ...forgotten,
        `  to do: --resume ${first} goes on with all that was planned there`,
      ].join("\n"),
    );
    // What is asked for again is not forgotten.
    for (const service of services) helmfile.answer(service, "exit 0");
    const before = synced(helmfile).length;
    expect((await run(services, "--resume", "-s", "a", "-s", "c")).exitCode).toBe(0);
    expect(synced(helmfile).slice(before)).toEqual(["sync a", "sync c"]);
  });

  it("shows what has changed since, and goes on with the plan as it is now", async () => {
    const helmfile = controlledHelmfile();
    helmfile.answer("b", "exit 1");
    const { run } = await situation(helmfile);
    await run(["a", "b"]);
    helmfile.answer("b", "exit 0");
    const { exitCode, stderr } = await run(["a", "b", "c"], "--resume");
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/^since north-\S+ the plan has changed:\n.*\bc\b/m);
    expect(synced(helmfile).slice(2)).toEqual(["sync b", "sync c"]);
  });

  it("goes on with a named run, and refuses one that is of something else or not there", async () => {
    const helmfile = controlledHelmfile();
    helmfile.answer("a", "exit 1");
    const { run, apply } = await situation(helmfile);
    const { stderr } = await run(["a"]);
    const name = runNameIn(stderr);
    helmfile.answer("a", "exit 0");
    const other = await apply(["a"], "--resume", name);
    expect(other.exitCode).toBe(2);
    expect(other.stderr).toContain(
      `${name} is the restore of north, and this is the apply of north\n  to do: charlie-mediawiki --resume ${name} goes on`,
    );
    expect((await run(["a"], "--resume", name)).exitCode).toBe(0);
    const missing = await run(["a"], "--resume", "north-20260101T000000Z-1");
    expect(missing.exitCode).toBe(2);
    expect(missing.stderr).toContain("there is no such run");
    expect(missing.stderr).toContain("to do: `runs` lists those that there are");
  });

  it("without any run of the environment says so", async () => {
    const { run } = await situation(controlledHelmfile());
    const { exitCode, stderr } = await run(services, "--resume");
    expect(exitCode).toBe(0);
    expect(stderr).toContain("nothing to go on with: no run of north is written down here\n");
  });

  it.each([
    [["--resume", "-e", "south"], 0, "nothing to go on with: no run of south is written down here"],
    [["--resume="], 2, "--resume= names no run\n"],
  ])("without a verb refuses %j in words that are about runs", async (words, exitCode, told) => {
    const state = temporaryFolder();
    const ended = await runInProcess([...words, "--state_dir", state], { env: { HOME: temporaryFolder() } });
    expect(ended.stderr).toContain(told);
    expect(ended.exitCode).toBe(exitCode);
  });

  it("of a run whose plugin or registry is gone names the run, as nobody has typed that path", async () => {
    const state = temporaryFolder();
    const run = "north-20261005T120000Z-7";
    const begunWith = (...words: string[]) => {
      const header = { run, environment: "north", cwd: "/then", argv: ["restore", ...words] };
      const text = journalText([], { plan: plan([step("a")]), header });
      mkdirSync(join(state, "runs"), { recursive: true });
      writeFileSync(join(state, "runs", `${run}.ndjson`), text);
    };
    const env = { HOME: temporaryFolder() };
    const resume = () => runInProcess(["--resume", "--state_dir", state], { env });
    begunWith("--plugin", "gone");
    expect(await resume()).toMatchObject({
      exitCode: 2,
      stderr: `the plugin's manifest /then/gone cannot be read: no such file or directory
  the run ${run} was begun with it
  to do: name another by --plugin, or another run by --resume
`,
    });
    begunWith("--plugin", command.folder, "--registry", "gone.yaml");
    const { exitCode, stderr } = await resume();
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`the registry /then/gone.yaml cannot be read: no such file or directory
  the run ${run} was begun with it
  to do: name another by --registry, or another run by --resume
`);
    const typed = await runInProcess(["--resume", "--state_dir", state, "--registry", "/x"], { env });
    expect(typed.stderr).toContain("the registry /x cannot be read: no such file or directory\n");
    expect(typed.stderr).not.toContain("was begun with it");
  });

  it.each([
    [["demo", "--resume"], "demo has no flag --resume: it is one of apply, restore"],
    [["--resume", "plan", "-e", "north"], "plan has no flag --resume: it is one of apply, restore"],
    [
      ["restore", "--resume", "./north-20261005T120000Z-7.ndjson"],
      "--resume takes the name of a run, and ./north-20261005T120000Z-7.ndjson is none\n  to do: --resume north-20261005T120000Z-7 goes on with it",
    ],
    [["--resume=north"], "--resume takes the name of a run, and north is none\n  to do: the verb runs lists"],
    [["--resume", "north-20261005T120000"], "--resume takes the name of a run, and north-2026"],
    [["restore", "--resume="], "--resume= names no run"],
  ])("%j is refused before any run is looked for", async (words, told) => {
    const state = temporaryFolder({ "runs/north-20261005T120000Z-7.ndjson": "torn" });
    const ended = await runInProcess([...words, "--state_dir", state], { env: { HOME: temporaryFolder() } });
    expect(ended.stderr).toMatch(/^[^\n]*(\n {2}[^\n]*)?\n$/);
    expect(ended.stderr.startsWith(told)).toBe(true);
    expect(ended.exitCode).toBe(2);
  });

  it("names an older run where the newest cannot be read", async () => {
    const helmfile = controlledHelmfile();
    helmfile.answer("a", "exit 1");
    const { run, resumeOnly, state } = await situation(helmfile);
    const first = runNameIn((await run(["a"])).stderr);
    writeFileSync(join(state, "runs", "north-20991005T120000Z-8.ndjson"), '{"type":"journal","version":7}\n');
    const { exitCode, stderr } = await resumeOnly("-e", "north");
    expect(exitCode).toBe(2);
    expect(stderr).toContain("was written by a newer charlie-mediawiki");
    expect(stderr).toContain(`an older run can be named: --resume ${first}; the verb runs lists them`);
  });

  it("takes over what the run was asked for, also for the run after that, and needs only the run's name", async () => {
    const helmfile = controlledHelmfile();
    helmfile.answer("b", "exit 1");
    const { run, resumeOnly } = await situation(helmfile);
    const first = await run(services, "--exclude", "c");
    const name = runNameIn(first.stderr);
    const second = await resumeOnly(name);
    expect(second.exitCode).toBe(1);
    const [told = ""] = second.stderr.split("\n");
    expect(told).toMatch(
      new RegExp(`^as in ${name}: restore --environment north --inventory .* --exclude c$`),
    );
    expect(second.stderr).not.toContain("the plan has changed");
    helmfile.answer("b", "exit 0");
    const third = await resumeOnly(runNameIn(second.stderr));
    expect(third.exitCode).toBe(0);
    expect(synced(helmfile)).toEqual(["sync a", "sync b", "sync b", "sync b"]);
  });

  it("without an environment goes on with the one run that has something left to do, or asks which", async () => {
    const helmfile = controlledHelmfile();
    helmfile.answer("a", "exit 1");
    const { run, resumeOnly, state } = await situation(helmfile);
    const north = runNameIn((await run(["a"])).stderr);
    const journal = readFileSync(join(state, "runs", `${north}.ndjson`), "utf8");
    const south = north.replace("north", "south");
    const write = (text: string) =>
      writeFileSync(join(state, "runs", `${south}.ndjson`), text.replaceAll(/\bnorth\b/g, "south"));
    write(journal);
    const several = await resumeOnly();
    expect(several.exitCode).toBe(2);
    expect(several.stderr).toContain("several runs have something left to do: name one of them\n");
    expect(several.stderr).toContain(`  --resume ${north}\n`);
    expect(several.stderr).toContain(`  --resume ${south}\n`);
    write(
      journal.replaceAll(
        /"outcome":\{"kind":"failed".*\}\}/g,
        '"outcome":{"kind":"succeeded","durationMs":1}',
      ),
    );
    const one = await resumeOnly();
    expect(one.stderr).toContain(`as in ${north}: `);
  });
});

it("a run that was begun while the command waited is not gone on with: it may have been asked for something else", async () => {
  const newest = "north-20261005T120000Z-8";
  const folder = temporaryFolder({ [`runs/${newest}.ndjson`]: "" });
  const { plan } = assemblePlan(tree([]), registry(""), { mode: "restore", servicesDir: "/services" });
  if (!plan) throw new Error("no plan");
  const asked = { folder, run: undefined, expected: "north-20261005T110000Z-7", tell: () => {} };
  await expect(findRunToResume({ ...plan, environment: "north" }, asked)).rejects.toThrow(
    `${newest} was begun meanwhile, and may have been asked for something else than ${asked.expected}`,
  );
});

function runNameIn(stderr: string): string {
  return /runs\/(north-\S+)\.ndjson/.exec(stderr)?.[1] ?? "";
}

describe("what an earlier run has left", () => {
  it("is not forgotten where that was killed before it came to it, and a narrower one succeeded since", async () => {
    const helmfile = controlledHelmfile();
    helmfile.hold("a");
    const { run, killWhileItRuns } = await situation(helmfile);
    await killWhileItRuns("a");
    for (const pid of helmfile.pids()) process.kill(pid, "SIGKILL");
    await expect.poll(() => helmfile.pids().filter(isRunning), { timeout: 10_000 }).toEqual([]);
    helmfile.answer("a", "exit 0");
    const narrow = await run(services, "--resume", "-s", "a");
    expect(narrow.exitCode).toBe(0);
    expect(narrow.stderr).toMatch(/^not done, and not in this plan:\n {2}b: cancelled in north-/m);
    const plain = await run(services, "--resume", "-s", "a");
    expect(plain.exitCode).toBe(1);
    expect(plain.stderr).toMatch(/^ {2}c: cancelled in north-/m);
  });

  it("counts a step that was done, and whose release is half done by now, and --fix-pending mends that", async () => {
    const helmfile = controlledHelmfile();
    helmfile.answer("c", "exit 1");
    const { run, kubernetes } = await situation(helmfile);
    await run(services);
    helmfile.answer("c", "exit 0");
    kubernetes.put(helmRecord("a/main", "pending-upgrade", 2));
    const { stderr } = await run(services, "--resume");
    expect(stderr).toContain("is not there any more, or half done by now, so it is done again: a");
    expect(stderr).toMatch(/a blocked: a\/main is pending-upgrade/);
  });
});
