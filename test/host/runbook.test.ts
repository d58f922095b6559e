import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withheldVariables } from "../../src/io/helmfile.ts";
import { plainBlocks } from "../support/plain-commands.ts";
import { type BuiltCommand, buildCommand } from "./support/built-command.ts";
import { runInProcess } from "./support/in-process.ts";
import { mediawikiInventory } from "./support/small-inventory.ts";

let command: BuiltCommand;
beforeAll(async () => {
  command = await buildCommand();
});
afterAll(() => command.remove());

function runbook(flags: readonly string[] = []) {
  const own = ["--plugin", command.folder, "--registry", "fixtures/e2e/registry.yaml"];
  return runInProcess(["runbook", "--inventory", mediawikiInventory(), ...own, ...flags]);
}

/** The lines of a runbook that are commands of this tool, without the flags of these tests. */
async function commands(flags: readonly string[] = []): Promise<string[]> {
  const { exitCode, stdout } = await runbook(flags);
  expect(exitCode).toBe(0);
  const lines = stdout.split("\n").filter((line) => line.startsWith("charlie-mediawiki "));
  return lines.map((line) =>
    line.replace(/ --plugin \S+ --registry \S+/, "").replace("charlie-mediawiki ", ""),
  );
}

describe("runbook", () => {
  it("is Markdown on stdout and nothing else, the same bytes twice", async () => {
    const first = await runbook();
    expect(first).toMatchObject({ exitCode: 0, stderr: "" });
    expect(first.stdout).toMatch(/^# Restore `north`\n/);
    expect(await runbook()).toEqual(first);
  });

  it("holds the one command, and for each stage the command that does just that, if there is one", async () => {
    expect(await commands()).toEqual([
      "plan --mode restore -e north",
      "list -e north",
      "restore -e north",
      "apply -e north --support-only",
      "apply -e north -s toolhub",
      "preflight -e north",
      "runs -e north",
      "restore -e north --resume",
      "restore -e north --resume --fix-pending",
      "preflight -e north",
    ]);
  });

  it("holds the flags that decide what is deployed, as they were given", async () => {
    const all = await commands(["--with-mediawiki", "--exclude", "toolhub"]);
    expect(all).toContain("restore -e north --exclude toolhub --with-mediawiki");
    // Nothing but this deploys MediaWiki alone.
    expect(all.filter((line) => line.startsWith("apply"))).toEqual([]);
  });

  it("gives each plain helmfile the environment that a run gives it", async () => {
    const { stdout } = await runbook();
    const blocks = plainBlocks(stdout);
    expect(blocks).toHaveLength(3);
    for (const block of blocks) expect(block).toMatch(/^HELMFILE_RENDER_YAML=true SUPPRESS_SAL=true /);
    const taken = [...stdout.matchAll(/^unset (.*)$/gm)].flatMap(([, names = ""]) => names.split(" "));
    expect(taken).toEqual(withheldVariables);
  });

  it("is of the rollout that --mode names, with the flags of no other", async () => {
    const { stdout } = await runbook(["--mode", "apply"]);
    expect(stdout).toMatch(/^# Deploy `north`\n/);
    expect(stdout).not.toContain("wiped");
    expect(plainBlocks(stdout).join("\n")).toContain(" apply --context 5");
  });

  it("is of one environment", async () => {
    const tree = ["--services_dir", `${process.cwd()}/fixtures/e2e/tree/services`];
    const { exitCode, stdout, stderr } = await runInProcess(["runbook", "--plugin", command.folder, ...tree]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toMatch(/^runbook is for one environment: name it by -e \(/);
  });

  it("is refused where there is no plan", async () => {
    const { exitCode, stdout, stderr } = await runbook(["--exclude", "toolhu"]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain("did you mean toolhub?");
  });

  it("is written of another plugin's rollout too", async () => {
    const own = ["--plugin", "fixtures/plugins/databases-first", "--inventory", "fixtures/plugins/shop.json"];
    const { exitCode, stdout } = await runInProcess(["runbook", ...own]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("## Stage 1: `databases`");
    expect(stdout).toContain("- Begin when the gate of `databases` is open");
    expect(stdout).not.toContain("preflight");
  });
});
