import { expect, it } from "vitest";
import * as z from "zod";
import { useEmptyCluster } from "./support/empty-cluster.ts";
import { deployedOnce } from "./support/releases.ts";
import { outcomesIn } from "./support/summary.ts";
import { describeWithTools } from "./support/tools.ts";

describeWithTools("without the plugin", () => {
  const at = useEmptyCluster();

  it("apply hands whole services to helmfile, MediaWiki and its support side by side", async () => {
    const services = ["-s", "mw-debug", "-s", "toolhub"];
    const { exitCode, stdout } = await at.shell.charlie(
      ["apply", "--no-plugin", "--yes", "-e", "eqiad", "-o", "json", ...services],
      { env: { RELEASE_NAME: "surprise" } },
    );
    expect(exitCode).toBe(0);
    expect(outcomesIn(stdout)).toEqual({ "mw-debug": "succeeded", toolhub: "succeeded" });
    expect(await at.shell.releases()).toEqual(
      deployedOnce("mw-debug/pinkunicorn", "mw-debug/prometheus", "toolhub/main"),
    );
    // Nothing logs the run as a whole then, so each helmfile does, as it does for charlie. Nothing was there: no diffs.
    expect(at.shell.salLog().sort()).toEqual([
      "[eqiad] DONE sync",
      "[eqiad] DONE sync",
      "[eqiad] START sync",
      "[eqiad] START sync",
    ]);
  });

  it("there is no restore", async () => {
    expect(await at.shell.charlie(["restore", "--no-plugin", "-e", "eqiad", "--yes"])).toMatchObject({
      exitCode: 2,
      stdout: "",
      stderr:
        'unknown verb "restore": the verbs are diff, list, plan, apply, inventory, demo, explain, runbook, derive, runs, report, hook',
    });
  });

  it("the plan has one step per service, all side by side, and no selectors", async () => {
    const { exitCode, stdout } = await at.shell.charlie(["plan", "--no-plugin", "-e", "eqiad", "-o", "json"]);
    expect(exitCode).toBe(0);
    const { steps } = planSchema.parse(JSON.parse(stdout));
    expect(steps.map(({ id }) => id)).toEqual([
      "eventgate-main",
      "miscweb",
      "mw-cron",
      "mw-debug",
      "mw-mcrouter",
      "mw-page-content-change-enrich",
      "mw-script",
      "mw-web",
      "shop",
      "thumbor",
      "toolhub",
    ]);
    for (const { id, helmfile, args, after, class: releaseClass } of steps) {
      expect({ id, after, releaseClass }).toEqual({ id, after: [], releaseClass: "other" });
      expect(args).toEqual(["--file", helmfile, "--environment", "eqiad", "apply", "--context", "5"]);
    }
  });
});

const planSchema = z.object({
  steps: z.array(
    z.object({
      id: z.string(),
      helmfile: z.string(),
      args: z.array(z.string()),
      after: z.array(z.string()),
      class: z.string(),
    }),
  ),
});
