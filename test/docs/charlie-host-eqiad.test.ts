import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { withheldVariables } from "../../src/io/helmfile.ts";
import { type BuiltCommand, buildCommand, repository } from "../host/support/built-command.ts";
import { describeWithPython } from "../support/python.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

vi.setConfig({ testTimeout: 60_000 });

/** The host in Python, about eqiad as it is written down: no helmfile is asked, and each one that runs succeeds. */
describeWithPython("the host in Python, about eqiad", () => {
  let command: BuiltCommand;
  beforeAll(async () => {
    command = await buildCommand();
  });
  afterAll(() => command.remove());

  function run(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const folder = temporaryFolder();
    // It tells what of the operator's shell it sees.
    writeFileSync(join(folder, "helmfile"), "#!/bin/sh\nexport -p | grep -c FROM_THE_SHELL || true\n", {
      mode: 0o755,
    });
    const inventory = join(repository, "fixtures/inventories/services-eqiad.json");
    const host = join(repository, "docs/examples/charlie_host.py");
    const about = ["eqiad", "--inventory", inventory, "--exclude", "cirrus-streaming-updater"];
    return execa("python3", [host, ...words, ...about], {
      env: {
        CHARLIE_MEDIAWIKI: `${process.execPath} ${command.program}`,
        PATH: `${folder}:${process.env.PATH}`,
        ...env,
      },
      reject: false,
    });
  }

  it("shows in a dry run the command that MediaWiki is handed over to, too", async () => {
    const { exitCode, stdout } = await run(["restore", "--dry_run"]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/\nscap sync-world --k8s-only .*-Dk8s_clusters:eqiad$/);
  });

  it("tells at the end what the flags make of it, and hands nothing of the shell on that changes what is deployed", async () => {
    const fromShell = Object.fromEntries(withheldVariables.map((name) => [name, "FROM_THE_SHELL"]));
    const { exitCode, stdout } = await run(["apply", "--support-only"], fromShell);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/\nWhat MediaWiki needs is in place in 12 namespaces: scap can deploy it\.$/);
    const seen = stdout.split("\n").filter((line) => /^\d+$/.test(line));
    expect(new Set(seen)).toEqual(new Set(["0"]));
  });
});
