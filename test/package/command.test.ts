import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, inject, it } from "vitest";
import { journalText } from "../core/support/journal-text.ts";
import { eqiadRequests } from "../support/eqiad-requests.ts";
import { plan, step } from "../support/plan.ts";
import { allAreRequired, nodeVersions } from "./support/node-versions.ts";
import { run } from "./support/run.ts";

const project = inject("project");
const installed = join(project, "node_modules/charlie-plugin-mediawiki");
const command = join(installed, "dist/bundle/charlie-mediawiki.js");
const inventory = join(installed, "fixtures/inventories/services-eqiad.json");

it.runIf(allAreRequired)("all versions of Node that are promised are here", () => {
  expect(nodeVersions.filter(({ program }) => program === undefined)).toEqual([]);
});

it("npx runs the command", async () => {
  const { version } = JSON.parse(await readFile("package.json", "utf8"));
  const ended = await run(["npx", "--no-install", "charlie-mediawiki", "--version"], { cwd: project });
  expect(ended).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: "" });
});

it("the demo shows a restore that succeeds", async () => {
  const demo = ["demo", "--exclude", "cirrus-streaming-updater"];
  const { exitCode, stdout } = await run([process.execPath, command, ...demo], { cwd: project });
  expect({ exitCode, stdout }).toEqual({
    exitCode: 0,
    stdout: expect.stringContaining("restore of eqiad took"),
  });
});

describe.each(nodeVersions)("the command on $name", ({ program }) => {
  const charlie = (...argv: string[]) => run([program ?? "", command, ...argv], { cwd: project });
  const asked = (input: string, ...argv: string[]) =>
    run([program ?? "", command, ...argv], { cwd: project, input });

  it.skipIf(program === undefined)("shows what goes wrong without the plugin", async () => {
    const { exitCode, stdout } = await charlie("demo", "--without");
    expect({ exitCode, stdout }).toEqual({
      exitCode: 1,
      stdout: expect.stringContaining("crashed for want of STATSD_EXPORTER_PROMETHEUS_SERVICE_HOST"),
    });
  });

  it.skipIf(program === undefined)("lists an inventory, by the registry that it carries", async () => {
    const { exitCode, stdout, stderr } = await charlie(
      "list",
      "--inventory",
      inventory,
      "-s",
      "mw-web",
      "-o",
      "json",
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const { releases } = JSON.parse(stdout);
    const classes = releases.map(
      ({ name, class: its }: { name: string; class: string }) => `${name}: ${its}`,
    );
    expect(classes).toEqual([
      "canary: mediawiki",
      "main: mediawiki",
      "migration: mediawiki",
      "next: mediawiki",
      "prometheus: support",
    ]);
  });

  it.skipIf(program === undefined)(
    "says that it could not find out, and Node adds no warning of its own",
    async () => {
      const { exitCode, stderr } = await charlie(
        "preflight",
        "-e",
        "eqiad",
        "--release",
        "mw-web/main",
        "-o",
        "text",
      );
      expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: "" });
    },
  );

  it.skipIf(program === undefined)("answers a hook as the schema that it carries says", async () => {
    const request = JSON.stringify(eqiadRequests["rollout:plan"]);
    const { exitCode, stdout, stderr } = await asked(request, "hook", "rollout:plan");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const schema = await readFile(join(installed, "schemas/rollout-plan.answer.json"), "utf8");
    const fits = new Ajv({ strict: false }).compile(JSON.parse(schema));
    expect({ fits: fits(JSON.parse(stdout)), errors: fits.errors }).toEqual({ fits: true, errors: null });
  });

  it.skipIf(program === undefined)("tells of a run as a page", async () => {
    const rollout = plan([step("a")]);
    const file = join(project, `run-${process.pid}.ndjson`);
    await writeFile(
      file,
      journalText([{ type: "rollout-started", plan: rollout, jobs: 1 }], { plan: rollout }),
    );
    const { exitCode, stdout, stderr } = await charlie("report", file, "-o", "html");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
  });
});
