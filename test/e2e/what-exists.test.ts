import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import * as z from "zod";
import { chartFile, edit } from "./support/edit.ts";
import { useEmptyCluster } from "./support/empty-cluster.ts";
import { deployedOnce } from "./support/releases.ts";
import { outcomesIn } from "./support/summary.ts";
import { describeWithTools } from "./support/tools.ts";

describeWithTools("what exists decides between sync and apply", () => {
  const at = useEmptyCluster({ services: ["mw-web", "shop", "thumbor", "toolhub"] });

  const services = ["-s", "mw-web", "-s", "thumbor", "-s", "toolhub"];

  /** The action of each step, in a plan as JSON. */
  const plannedActions = async (...args: readonly string[]) => {
    const { exitCode, stdout } = await at.shell.charlie([
      ...["plan", "--mode", "restore", "-e", "eqiad", "-o", "json", ...services],
      ...args,
    ]);
    expect(exitCode).toBe(0);
    const { steps } = planSchema.parse(JSON.parse(stdout));
    return Object.fromEntries(steps.map(({ id, action }) => [id, action]));
  };

  it("a restore applies what is there, in whatever state, and syncs what is not", async () => {
    // One is deployed and about to change; one has only a failed attempt.
    expect(await at.shell.helmfile("toolhub", ["-e", "eqiad", "-q", "sync"])).toMatchObject({ exitCode: 0 });
    const chart = chartFile(at.shell, "statsd-exporter");
    const install = ["install", "prometheus", chart, "--namespace", "mw-web", "--wait", "--timeout", "1s"];
    await at.shell.helm([...install, "--set", "neverReady=true"]);
    const before = { "mw-web/prometheus": "failed 1", "toolhub/main": "deployed 1" };
    expect(await at.shell.releases()).toEqual(before);
    edit(chartFile(at.shell, "toolhub", "values.yaml"), "toolhub:1", "toolhub:2");

    const unseen = { "mw-web/prometheus": "sync", thumbor: "sync", toolhub: "sync" };
    const seen = { "mw-web/prometheus": "apply", thumbor: "sync", toolhub: "apply" };
    expect(await plannedActions()).toEqual(unseen);
    expect(await plannedActions("--kubeconfig", at.cluster.kubeconfigFile)).toEqual(seen);
    expect(await at.shell.releases()).toEqual(before);

    const logs = join(at.shell.folder, "logs");
    const { exitCode, stdout } = await at.shell.charlie([
      ...["restore", "-e", "eqiad", "--yes", "--not-wiped", "eqiad", "-o", "json", "--log_dir", logs],
      ...services,
    ]);
    expect(exitCode).toBe(0);
    expect(new Set(Object.values(outcomesIn(stdout)))).toEqual(new Set(["succeeded"]));
    const actions = Object.keys(seen).map((id) => [id, actionIn(join(logs, `${id.replace("/", "_")}.log`))]);
    expect(Object.fromEntries(actions)).toEqual(seen);
    expect(await at.shell.releases()).toEqual({
      ...deployedOnce("thumbor/main"),
      "mw-web/prometheus": "deployed 2",
      "toolhub/main": "deployed 2",
    });
  });

  it("what cannot be read is not taken for absent: its steps stay as planned, and the operator is told", async () => {
    expect(await at.shell.helmfile("toolhub", ["-e", "eqiad", "-q", "sync"])).toMatchObject({ exitCode: 0 });
    const { exitCode, stderr } = await at.shell.charlie([
      ...["apply", "-e", "eqiad", "--yes", "-s", "toolhub"],
      ...["--kubeconfig", at.cluster.strangerKubeconfigFile],
    ]);
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/^warning: what exists in toolhub is not known: .*: 403 Forbidden/m);
    expect(stderr).toContain("[toolhub eqiad] toolhub: apply\n");
  });
});

const planSchema = z.object({ steps: z.array(z.object({ id: z.string(), action: z.string() })) });

/** What helmfile was told to do, by the first line of a step's log. */
function actionIn(file: string): string | undefined {
  const [command = ""] = readFileSync(file, "utf8").split("\n");
  return /^\$ helmfile .* (sync|apply)\b/.exec(command)?.[1];
}
