import { expect, it } from "vitest";
import { useEmptyCluster } from "./support/empty-cluster.ts";
import { processesOf } from "./support/processes.ts";
import { stateOf } from "./support/releases.ts";
import { describeWithTools } from "./support/tools.ts";
import { until } from "./support/until.ts";

describeWithTools("a run that was killed in the midst of an upgrade", () => {
  const at = useEmptyCluster({ services: ["thumbor"] });

  it("is gone on with by upgrading again what helm has rolled back since: it counts as done by no means", async () => {
    const apply = ["apply", "-e", "eqiad", "--yes", "-s", "thumbor"];
    const thumbor = () => stateOf(at.cluster, "thumbor/main");
    await at.shell.charlie(apply);
    const neverReady = { env: { E2E_NEVER_READY: "thumbor/main" } };
    const command = at.shell.charlie(apply, neverReady);
    await until("thumbor is upgraded", async () => (await thumbor()) === "pending-upgrade 2");
    command.kill("SIGKILL");
    await command;
    const refused = await at.shell.charlie(["--resume", "--yes"], neverReady);
    expect(refused.stderr).toMatch(/let it roll back: kill -INT -\d+/);
    const [advice = ""] = /kill -INT -\d+/.exec(refused.stderr) ?? [];
    expect(await at.shell.sh(`bash -c "${advice}"`)).toMatchObject({ exitCode: 0 });
    await until("helm has rolled back and ended", async () => {
      return (await thumbor()) === "deployed 3" && processesOf(at.shell).length === 0;
    });
    // What never gets ready fails again: only what is run again does.
    const resumed = await at.shell.charlie(["--resume", "--yes"], {
      env: { E2E_NEVER_READY: "thumbor/main", E2E_TIMEOUT: "3" },
    });
    expect(resumed.exitCode).toBe(1);
    expect(resumed.stderr).toContain(
      "thumbor/main is deployed, revision 3; is run again: thumbor/main may have been taken back since\n",
    );
  });
});
