import { describe, expect, it } from "vitest";
import { type ReleaseId, releaseId } from "../../src/core/common/release.ts";
import type { ProgramResult } from "../../src/core/rollout/backend.ts";
import { type SimulatedBackendOptions, simulatedBackend } from "../../src/simulation/backend.ts";
import { virtualClock } from "../../src/simulation/clock.ts";
import { wikimediaModel } from "../../src/simulation/wikimedia-model.ts";
import { eqiad } from "./support/eqiad.ts";
import {
  call,
  exporter,
  fixedModel,
  listening,
  mwWeb,
  release,
  treeOf,
  web,
} from "./support/small-cluster.ts";

function backend(options: Partial<SimulatedBackendOptions> = {}) {
  const clock = virtualClock();
  return { clock, mw: simulatedBackend({ tree: mwWeb, clock, model: fixedModel, ...options }) };
}

function kindOf(result: ProgramResult): string {
  return result.ok ? "ok" : result.failure.kind;
}

describe("a step", () => {
  it("deploys its releases side by side, and prints what helmfile prints", async () => {
    const { mw } = backend();
    const context = listening();
    expect(await mw.run(call(exporter, web), context)).toEqual({ ok: true });
    expect(mw.now()).toBe(18_300);
    await expect(`${context.lines.join("\n")}\n`).toMatchFileSnapshot("__snapshots__/step-succeeded.txt");
  });

  it("fails with exit code 1 and helm's words, and names in its table what failed", async () => {
    const { mw } = backend();
    const context = listening();
    const result = await mw.run(call(web), context);
    expect(result).toEqual({
      ok: false,
      failure: { kind: "exit", exitCode: 1, lastLines: context.lines.slice(-20) },
    });
    await expect(`${context.lines.join("\n")}\n`).toMatchFileSnapshot("__snapshots__/step-failed.txt");
  });

  it("keeps the needs between its releases, layer by layer", async () => {
    // prometheus <- main <- next; canary stands alone, in the first layer.
    const [main, next, canary] = ["main", "next", "canary"].map((name) => releaseId("mw-web", name)) as [
      ReleaseId,
      ReleaseId,
      ReleaseId,
    ];
    const tree = treeOf(
      release(next, "other", { needs: [main] }),
      release(main, "mediawiki", { needs: [exporter] }),
      release(canary, "other"),
      release(exporter, "statsd-exporter"),
    );
    const { mw } = backend({ tree });
    const context = listening();
    expect(await mw.run(call(next, main, canary, exporter), context)).toEqual({ ok: true });
    const begun = context.lines
      .filter((line) => line.startsWith("Upgrading"))
      .map((line) => line.split(",")[0]);
    expect(begun).toEqual([
      "Upgrading release=canary",
      "Upgrading release=prometheus",
      "Upgrading release=main",
      "Upgrading release=next",
    ]);
    expect(mw.crashes()).toEqual([]);
    expect(mw.now()).toBe(300 + 3 * 8000);
  });

  it("does not even name what comes after a layer that failed", async () => {
    const next = releaseId("mw-web", "next");
    const tree = treeOf(release(web, "mediawiki"), release(next, "other", { needs: [web] }));
    const { mw } = backend({ tree });
    const context = listening();
    expect(kindOf(await mw.run(call(web, next), context))).toBe("exit");
    expect(context.lines.join("\n")).not.toContain("next");
    expect(mw.status(next)).toBe("absent");
  });

  it("passes over a need that it does not deploy itself", async () => {
    const tree = treeOf(release(exporter, "statsd-exporter", { needs: [web] }), release(web, "mediawiki"));
    const { mw } = backend({ tree });
    expect(await mw.run(call(exporter), listening())).toEqual({ ok: true });
  });

  it("refuses needs that go round", async () => {
    const tree = treeOf(
      release(exporter, "statsd-exporter", { needs: [web] }),
      release(web, "mediawiki", { needs: [exporter] }),
    );
    const { mw } = backend({ tree });
    expect(await mw.run(call(exporter, web), listening())).toMatchObject({
      ok: false,
      failure: {
        exitCode: 1,
        lastLines: ["in mw-web/helmfile.yaml: the needs of its releases form a cycle"],
      },
    });
  });

  it("has nothing to do where none of its releases belongs to the environment", async () => {
    const tree = treeOf(release(exporter, "statsd-exporter", { installed: false }));
    const { mw } = backend({ tree });
    expect(await mw.run(call(exporter), listening())).toMatchObject({ ok: false, failure: { exitCode: 3 } });
  });

  it("changes nothing, and soon, where apply finds everything deployed", async () => {
    const { mw } = backend();
    await mw.run(call(exporter), listening());
    const pods = mw.containers().map(({ pod }) => pod);
    const before = mw.now();
    const context = listening();
    expect(await mw.run({ ...call(exporter), action: "apply" }, context)).toEqual({ ok: true });
    expect(mw.now() - before).toBeLessThan(2000);
    expect(mw.containers().map(({ pod }) => pod)).toEqual(pods);
    expect(context.lines).toEqual([
      "Comparing release=prometheus, chart=wmf-stable/statsd-exporter, namespace=mw-web",
    ]);
  });

  it("removes what its helmfile lists as not installed only where it has no selector", async () => {
    const old = release(web, "other");
    const current = { ...old, installed: false };
    const tree = treeOf(release(exporter, "statsd-exporter"), old);
    const { mw } = backend({ tree });
    await mw.run(call(exporter, web), listening());
    // The helmfile is edited while the cluster runs.
    Object.assign(old, current);
    await mw.run(call(exporter), listening());
    expect(mw.status(web)).toBe("deployed");
    const context = listening();
    await mw.run({ ...call(exporter), removesReleases: true }, context);
    expect(mw.status(web)).toBe("absent");
    expect(context.lines).toContain("Deleting main");
  });
});

describe("the backend's sleep", () => {
  it("lasts so long on the cluster's clock, or until the signal aborts", async () => {
    const { clock, mw } = backend();
    const controller = new AbortController();
    await mw.sleep(5000, controller.signal);
    expect(mw.now()).toBe(5000);
    clock.after(1000, () => controller.abort());
    await mw.sleep(600_000, controller.signal);
    expect(mw.now()).toBe(6000);
  });
});

describe("a signal", () => {
  it("lets helm roll back, and is the reason of the failure", async () => {
    const { clock, mw } = backend();
    const context = listening();
    const run = mw.run(call(web), context);
    await clock.sleep(60_000);
    context.controller.abort();
    const result = await run;
    expect(result).toMatchObject({ ok: false, failure: { kind: "signal", signal: "SIGTERM" } });
    expect(context.lines.at(-1)).toBe(
      "  Error: release main failed, and has been uninstalled due to atomic being set: context canceled",
    );
    expect([mw.status(web), mw.containers()]).toEqual(["absent", []]);
    expect(clock.now()).toBeGreaterThan(60_000);
    expect(clock.now()).toBeLessThan(65_000);
  });

  it("that came before the step keeps it from starting anything", async () => {
    const { mw } = backend();
    const context = listening();
    context.controller.abort();
    expect(kindOf(await mw.run(call(web), context))).toBe("signal");
    expect([mw.now(), mw.statuses().size, context.lines]).toEqual([0, 0, []]);
  });

  it("between two layers keeps the second from starting", async () => {
    const tree = treeOf(
      release(exporter, "statsd-exporter"),
      release(web, "mediawiki", { needs: [exporter] }),
    );
    const { clock, mw } = backend({ tree });
    const context = listening();
    const run = mw.run(call(exporter, web), {
      signal: context.signal,
      output: (line) => {
        if (line === "STATUS: deployed") context.controller.abort();
      },
    });
    expect(kindOf(await run)).toBe("signal");
    expect([clock.now(), mw.status(exporter), mw.status(web)]).toEqual([8300, "deployed", "absent"]);
  });

  it("stops any number of steps without a warning of too many listeners", async () => {
    const tree = treeOf(
      ...Array.from({ length: 40 }, (_, index) => release(releaseId(`ns-${index}`, "main"), "mediawiki")),
    );
    const { clock, mw } = backend({ tree });
    const warnings: Error[] = [];
    const listener = (warning: Error): void => void warnings.push(warning);
    process.on("warning", listener);
    const context = listening();
    const runs = tree.services.flatMap(({ releases }) => releases).map(({ id }) => mw.run(call(id), context));
    await clock.sleep(10_000);
    context.controller.abort();
    const results = await Promise.all(runs);
    await new Promise((resolve) => setImmediate(resolve));
    process.off("warning", listener);
    expect(results.map(kindOf)).toEqual(Array.from({ length: 40 }, () => "signal"));
    expect(warnings).toEqual([]);
  });
});

describe("the services of eqiad", () => {
  it("all come up where the support releases go first, without a crash", async () => {
    const tree = eqiad();
    const { clock, mw } = backend({ tree, model: wikimediaModel });
    const installed = tree.services.map((service) => ({
      service,
      releases: service.releases.filter((one) => one.installed).map(({ id }) => id),
    }));
    for (const { service, releases } of installed) {
      const support = releases.filter((id) => id.endsWith("/prometheus"));
      if (support.length > 0) await mw.run({ ...call(...support), helmfile: service.helmfile }, listening());
    }
    for (const { service, releases } of installed) {
      if (releases.length === 0) continue;
      const step = { service: service.name, helmfile: service.helmfile, releases, action: "apply" } as const;
      expect(await mw.run(step, listening())).toEqual({ ok: true });
    }
    await clock.sleep(60_000);
    expect(mw.statuses().size).toBe(133);
    expect(mw.crashes()).toEqual([]);
    expect(mw.runningWithout().map((one) => one.release)).toEqual(["mw-videoscaler/main"]);
  });
});
