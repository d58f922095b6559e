import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { anotherTime } from "../support/another-time.ts";
import { openDisturbedApi } from "./support/disturbed-api.ts";
import { during, listenTo } from "./support/during.ts";
import { useEmptyCluster } from "./support/empty-cluster.ts";
import { openOperatorShell } from "./support/operator-shell.ts";
import { killThose, processesOf } from "./support/processes.ts";
import { deployedOnce } from "./support/releases.ts";
import { outcomesIn } from "./support/summary.ts";
import { describeWithTools } from "./support/tools.ts";

// What does not end after a signal would keep helm waiting for minutes.
vi.setConfig({ testTimeout: 40_000 });

describeWithTools("signals", () => {
  const at = useEmptyCluster({ services: ["mw-debug", "mw-mcrouter", "mw-web", "toolhub"] });

  const services = ["-s", "mw-mcrouter", "-s", "mw-web", "-s", "toolhub"];

  /** Begins a restore of three services one by one, of which mw-web/prometheus waits until it is stopped. */
  const restoreUntilItWaits = async (env: Readonly<Record<string, string>> = {}) => {
    const before = at.kubelet.starts("mw-web", "prometheus").length;
    const command = at.shell.charlie(
      ["restore", "-e", "eqiad", "--yes", "--jobs", "1", ...services, "-o", "json"],
      { env: { E2E_NEVER_READY: "mw-web/prometheus", ...env } },
    );
    await during(
      command,
      "mw-web/prometheus runs",
      () => at.kubelet.starts("mw-web", "prometheus").length > before,
    );
    expect(await at.shell.releases()).toEqual({
      "mw-mcrouter/main": "deployed 1",
      "mw-web/prometheus": "pending-install 1",
    });
    return { command };
  };

  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "%s stops a restore: helm rolls back, nothing more begins, no process stays",
    async (signal) => {
      const { command } = await restoreUntilItWaits();
      command.kill(signal);
      const { exitCode, stdout, stderr } = await command;
      expect(processesOf(at.shell)).toEqual([]);
      expect(exitCode).toBe(130);
      expect(outcomesIn(stdout)).toEqual({
        "mw-mcrouter": "succeeded",
        "mw-web/prometheus": "cancelled",
        toolhub: "cancelled",
      });
      expect(stderr).toContain("interrupted: no new steps; waiting for mw-web/prometheus to end");
      // helm was asked, not killed: it took back what it had begun.
      expect(stderr).toContain("Release prometheus has been cancelled.");
      expect(await at.shell.releases()).toEqual(deployedOnce("mw-mcrouter/main"));
      expect(at.shell.handoffLog()).toEqual([]);
      expect(at.shell.salLog()).toEqual([
        "charlie-mediawiki restore [eqiad] 3 releases: START",
        "charlie-mediawiki restore [eqiad] 3 releases: DONE: 1 step succeeded, 2 steps cancelled",
      ]);
    },
  );

  it("a helmfile that is killed leaves no helm behind: its step ends when helm has, which takes back what it does", async () => {
    const { command } = await restoreUntilItWaits({ E2E_TIMEOUT: "10" });
    expect(killThose(at.shell, /^helmfile .* sync/)).toBe(1);
    const { exitCode, stdout, stderr } = await command;
    expect(processesOf(at.shell)).toEqual([]);
    expect(exitCode).toBe(1);
    expect(outcomesIn(stdout)).toEqual({
      "mw-mcrouter": "succeeded",
      "mw-web/prometheus": "failed",
      toolhub: "succeeded",
    });
    expect(stderr).toContain("(something that it started still runs, and is waited for)");
    expect(await at.shell.releases()).toEqual(deployedOnce("mw-mcrouter/main", "toolhub/main"));
  });

  it("a second SIGINT kills what does not end, and says what that may leave behind", async () => {
    // The first line of the stand-in for scap: nothing of it ends by SIGINT.
    const stubborn = "#!/bin/sh\ntrap '' INT\necho here >>\"$E2E_HANDOFF_LOG\"\nsleep 600 &\nwait\n";
    writeFileSync(join(at.shell.commands, "mediawiki-handoff"), stubborn);
    const command = at.shell.charlie(["restore", "-e", "staging", "--yes", "-s", "mw-debug", "-o", "json"]);
    await during(command, "MediaWiki is handed over", () => at.shell.handoffLog().length > 0);
    command.kill("SIGINT");
    await listenTo(command).until("interrupted: no new steps");
    await anotherTime();
    expect(processesOf(at.shell).filter((line) => line === "sleep 600")).toHaveLength(1);
    command.kill("SIGINT");
    const { exitCode, stdout, stderr } = await command;
    expect(processesOf(at.shell)).toEqual([]);
    expect(exitCode).toBe(130);
    expect(outcomesIn(stdout)).toEqual({ mediawiki: "cancelled" });
    expect(stderr).toContain("killing what still runs:\n  mediawiki-handoff staging\n");
    expect(stderr).toMatch(
      /what it was deploying may be left pending:\n {2}mediawiki:\n {4}what mediawiki-handoff staging deploys: mw-debug/,
    );
  });

  it("a second SIGINT in the midst of a rollback: what helm left is told, and found", async () => {
    let isStuck = false;
    const api = await openDisturbedApi(at.cluster, ({ method }) =>
      isStuck && method !== "GET" ? "hang" : undefined,
    );
    onTestFinished(() => api.close());
    const { kubeconfigFile } = api;
    const shell = openOperatorShell({ cluster: { ...at.cluster, kubeconfigFile }, timeout: 600 });
    onTestFinished(() => shell.close());
    const before = at.kubelet.starts("mw-web", "prometheus").length;
    const command = shell.charlie(["restore", "-e", "eqiad", "--yes", "-s", "mw-web"], {
      env: { E2E_NEVER_READY: "mw-web/prometheus" },
    });
    await during(
      command,
      "mw-web/prometheus runs",
      () => at.kubelet.starts("mw-web", "prometheus").length > before,
    );
    isStuck = true;
    const told = listenTo(command);
    command.kill("SIGINT");
    await told.until("rolling back: mw-web/prometheus; killed in 15 min 0 s");
    await anotherTime();
    command.kill("SIGINT");
    const { exitCode, stderr } = await command;
    expect(processesOf(shell)).toEqual([]);
    expect(exitCode).toBe(130);
    expect(stderr).toMatch(/ mw-web\/prometheus: first install, so pending-install or uninstalling: helm /);
    expect(stderr).toMatch(/kill:\n {2}pending: mw-web\/prometheus \(pending-install\)$/);
    const [, shows = ""] = / (helm .* status prometheus)\n/.exec(stderr) ?? [];
    expect((await at.shell.sh(shows)).stdout).toContain("STATUS: pending-install");
  });

  it("a second SIGINT also kills what helmfile runs and what does not end by itself", async () => {
    const stubborn = "#!/bin/sh\n[ \"$1\" = sync ] || exit 0\ntrap '' INT\nsleep 600 &\nwait\n";
    writeFileSync(join(at.shell.commands, "helmfile_log_sal"), stubborn);
    const command = at.shell.charlie(["restore", "-e", "eqiad", "--yes", "-s", "toolhub"]);
    await during(command, "helmfile runs its hook", () => processesOf(at.shell).includes("sleep 600"));
    command.kill("SIGINT");
    await listenTo(command).until("interrupted: no new steps");
    await anotherTime();
    command.kill("SIGINT");
    const { exitCode } = await command;
    expect(processesOf(at.shell)).toEqual([]);
    expect(exitCode).toBe(130);
  });

  it("SIGINT while the tree is read ends at once, and deploys nothing", async () => {
    const command = at.shell.charlie(["restore", "-e", "eqiad", "--yes"]);
    await during(command, "helmfile reads", () =>
      processesOf(at.shell).some((line) => line.startsWith("helmfile ")),
    );
    command.kill("SIGINT");
    const { exitCode, stdout } = await command;
    expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: "" });
    expect(processesOf(at.shell)).toEqual([]);
    expect(await at.shell.releases()).toEqual({});
    expect(at.shell.salLog()).toEqual([]);
  });

  it("SIGINT while diffs are taken deploys nothing, and shows no half diff", async () => {
    // Of what is new there is no diff.
    await at.shell.helmfile("toolhub", ["-e", "eqiad", "-q", "sync"]);
    const before = await at.shell.releases();
    expect(before).toEqual(deployedOnce("toolhub/main"));
    const sal = at.shell.salLog();
    const command = at.shell.charlie(["apply", "-e", "eqiad", "--yes", "--jobs", "1", ...services]);
    await during(command, "helmfile diffs", () =>
      processesOf(at.shell).some((line) => / diff --context 5 /.test(line)),
    );
    command.kill("SIGINT");
    const { exitCode, stdout } = await command;
    expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: "" });
    expect(processesOf(at.shell)).toEqual([]);
    expect(await at.shell.releases()).toEqual(before);
    expect(at.shell.salLog()).toEqual(sal);
  });

  it("SIGINT while MediaWiki is handed over reaches the command and all that it started", async () => {
    // In staging MediaWiki needs no support release, so that the hand-off comes first.
    const before = at.kubelet.starts("mw-debug", "pinkunicorn").length;
    const command = at.shell.charlie(["restore", "-e", "staging", "--yes", "-s", "mw-debug", "-o", "json"], {
      env: { E2E_NEVER_READY: "mw-debug/pinkunicorn" },
    });
    await during(
      command,
      "mw-debug/pinkunicorn runs",
      () => at.kubelet.starts("mw-debug", "pinkunicorn").length > before,
    );
    command.kill("SIGINT");
    const { exitCode, stdout } = await command;
    expect(processesOf(at.shell)).toEqual([]);
    expect(exitCode).toBe(130);
    expect(outcomesIn(stdout)).toEqual({ mediawiki: "cancelled" });
    expect(await at.shell.releases()).toEqual({});
  });
});
