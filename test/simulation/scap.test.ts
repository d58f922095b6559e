import { describe, expect, it } from "vitest";
import { releaseId, type Tree } from "../../src/core/common/release.ts";
import { simulatedBackend } from "../../src/simulation/backend.ts";
import { virtualClock } from "../../src/simulation/clock.ts";
import type { Fault } from "../../src/simulation/fault.ts";
import { mediawikiReleasesOf } from "../../src/simulation/scap.ts";
import { exporter, fixedModel, listening, release, treeOf, web } from "./support/small-cluster.ts";

const canary = releaseId("mw-web", "canary");
const next = releaseId("mw-web", "next");
const tree: Tree = treeOf(
  release(canary, "mediawiki"),
  release(web, "mediawiki"),
  release(next, "mediawiki"),
  release(releaseId("mw-web", "migration"), "mediawiki", { installed: false }),
  release(exporter, "statsd-exporter"),
);
const command = ["scap", "sync-world", "--k8s-only"];

function backendWith(...faults: readonly Fault[]) {
  const clock = virtualClock();
  return { clock, mw: simulatedBackend({ tree, clock, model: fixedModel, faults }) };
}

describe("scap", () => {
  it("deploys the environment's releases of the chart mediawiki", () => {
    expect(mediawikiReleasesOf(tree)).toEqual([canary, web, next]);
  });

  it("deploys the canaries, then the rest side by side, where the support releases are there", async () => {
    const { mw } = backendWith();
    await mw.deploy([exporter]);
    const began = mw.now();
    const context = listening();
    expect(await mw.runCommand(command, context)).toEqual({ ok: true });
    expect(mw.now() - began).toBe(2 * 8300);
    expect(context.lines).toEqual([
      "Started sync-canaries-k8s",
      "Finished sync-canaries-k8s (duration: 00m 08s)",
      "Started sync-production-k8s",
      "Finished sync-production-k8s (duration: 00m 08s)",
      "Finished sync-world",
    ]);
    expect(mw.status(releaseId("mw-web", "migration"))).toBe("absent");
  });

  it("fails in its first stage on an empty cluster, and names what failed", async () => {
    const { mw } = backendWith();
    const context = listening();
    const result = await mw.runCommand(command, context);
    expect(result).toEqual({ ok: false, failure: { kind: "exit", exitCode: 1, lastLines: context.lines } });
    expect(context.lines).toEqual([
      "Started sync-canaries-k8s",
      expect.stringMatching(/^Finished sync-canaries-k8s \(duration: 10m 0\ds\)$/),
      "K8s deployment to stage canaries failed: K8s Deployment had the following errors:",
      "eqiad: Deployment of mw-web-canary failed: Error: release canary failed, and has been uninstalled due to atomic being set: context deadline exceeded",
      "No known prior state to roll back to",
      "sync-world failed in stage canaries: mw-web/canary",
    ]);
    expect(mw.statuses().size).toBe(0);
  });

  it("names every release that failed in a stage, and keeps those that did not", async () => {
    const { mw } = backendWith({ kind: "fail", release: web, message: "no" });
    await mw.deploy([exporter]);
    const context = listening();
    await mw.runCommand(command, context);
    expect(context.lines.at(-1)).toBe("sync-world failed in stage production: mw-web/main");
    expect([mw.status(canary), mw.status(next), mw.status(web)]).toEqual(["deployed", "deployed", "absent"]);
  });

  it("stops when it is told to, and then ended by a signal", async () => {
    const { clock, mw } = backendWith();
    const context = listening();
    const run = mw.runCommand(command, context);
    await clock.sleep(30_000);
    context.controller.abort();
    expect(await run).toMatchObject({ ok: false, failure: { kind: "signal", signal: "SIGTERM" } });
    expect(mw.statuses().size).toBe(0);
  });

  it("removes what an earlier crash left in the middle of an installation", async () => {
    const { clock, mw } = backendWith({ kind: "crash", at: 5000, until: 6000 });
    await mw.deploy([canary, exporter]);
    expect(mw.status(canary)).toBe("pending-install");
    await clock.sleep(10_000);
    expect(await mw.runCommand(command, listening())).toEqual({ ok: true });
  });
});
