import { describe, expect, it } from "vitest";
import { simulatedBackend } from "../../src/simulation/backend.ts";
import { virtualClock } from "../../src/simulation/clock.ts";
import type { Fault } from "../../src/simulation/fault.ts";
import { call, exporter, fixedModel, listening, mwWeb, web } from "./support/small-cluster.ts";

function backendWith(...faults: readonly Fault[]) {
  const clock = virtualClock();
  return { clock, mw: simulatedBackend({ tree: mwWeb, clock, model: fixedModel, faults }) };
}

describe("a fault", () => {
  it("fail: helm fails with the given message as often as told, and then no more", async () => {
    const message = "INSTALLATION FAILED: etcdserver: request timed out";
    const { mw } = backendWith({ kind: "fail", release: exporter, message, times: 2 });
    const context = listening();
    const results = [];
    for (let turn = 0; turn < 3; turn += 1) results.push((await mw.run(call(exporter), context)).ok);
    expect(results).toEqual([false, false, true]);
    expect(context.lines).toContain(`  Error: ${message}`);
  });

  it("fail: always, where no number is given, and only the release that it names", async () => {
    const { mw } = backendWith({ kind: "fail", release: web, message: "no" });
    await mw.run(call(exporter, web), listening());
    await mw.run(call(exporter, web), listening());
    expect([mw.status(exporter), mw.status(web)]).toEqual(["deployed", "absent"]);
  });

  it("hang: helm does not come back until it is stopped", async () => {
    const { clock, mw } = backendWith({ kind: "hang", release: exporter, times: 1 });
    const context = listening();
    const run = mw.run(call(exporter), context);
    await clock.sleep(5_000_000);
    expect(mw.status(exporter)).toBe("pending-install");
    context.controller.abort();
    expect(await run).toMatchObject({ ok: false, failure: { kind: "signal" } });
    expect(mw.status(exporter)).toBe("absent");
    expect(await mw.run(call(exporter), listening())).toEqual({ ok: true });
  });

  it("slow: one release takes longer, the others do not", async () => {
    const { mw } = backendWith({ kind: "slow", release: exporter, factor: 10 });
    const [slow, usual] = await mw.deploy([exporter, web]);
    expect(slow?.outcome).toEqual({ kind: "deployed", durationMs: 80_000 });
    // Its Service comes at 50 s: MediaWiki finds it with its start at 73 s.
    expect(usual?.outcome).toEqual({ kind: "deployed", durationMs: 78_000 });
  });

  it("throttled: everything takes longer, the start of helmfile included", async () => {
    const { mw } = backendWith({ kind: "throttled", factor: 3 });
    await mw.run(call(exporter), listening());
    expect(mw.now()).toBe(3 * 8300);
  });

  it("crash: what runs is killed and left as it is, and nothing starts until the host is up again", async () => {
    const { clock, mw } = backendWith({ kind: "crash", at: 5000, until: 60_000 });
    const result = await mw.run(call(exporter), listening());
    expect(result).toMatchObject({ ok: false, failure: { kind: "signal", signal: "SIGKILL" } });
    expect([clock.now(), mw.status(exporter)]).toEqual([5000, "pending-install"]);
    expect(await mw.run(call(web), listening())).toEqual({
      ok: false,
      failure: { kind: "spawn", message: "the host is down" },
    });
    await clock.sleep(60_000);
    const context = listening();
    expect((await mw.run(call(exporter), context)).ok).toBe(false);
    expect(context.lines.at(-1)).toBe(
      "  Error: UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress",
    );
    await mw.uninstall(exporter);
    expect(await mw.run(call(exporter), listening())).toEqual({ ok: true });
  });

  it("crash: pods that were created go on without the host", async () => {
    const { clock, mw } = backendWith({ kind: "crash", at: 4000 });
    await mw.run(call(exporter), listening());
    await clock.sleep(60_000);
    expect(mw.containers(exporter).map(({ ready }) => ready)).toEqual([true]);
    expect(mw.services("mw-web").map(({ name }) => name)).toEqual(["statsd-exporter-prometheus"]);
    expect(await mw.deploy([web])).toEqual([{ release: web, outcome: { kind: "killed", durationMs: 0 } }]);
  });
});
