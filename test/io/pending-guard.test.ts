import { describe, expect, it } from "vitest";
import type { BackendResult, Mending } from "../../src/core/rollout/backend.ts";
import { pendingGuard } from "../../src/io/pending-guard.ts";
import { FakeCluster, helmRelease } from "../support/fake-cluster.ts";
import { step } from "../support/plan.ts";

const shop = step("shop/main", [], { kubeconfig: "/etc/kubernetes/shop-deploy.config", helm: "helm3.17" });

/** A step of the releases `shop/main` and `shop/canary`, on a cluster that has other ones too. */
function guarded(
  status: Readonly<Record<string, string>>,
  options: {
    readonly fix?: boolean;
    readonly fallback?: number | undefined;
    /** helm's word for the release after a command. */
    readonly mended?: string;
    /** What a command prints that fails. */
    readonly fails?: string;
    readonly found?: Readonly<Record<string, number>>;
    readonly lookedAt?: boolean;
    /** When its newest record was made. */
    readonly createdAt?: number;
  } = {},
) {
  const { fix = false, fallback, mended = "deployed", fails, found = { "shop/main": 1 } } = options;
  const { lookedAt = true, createdAt } = options;
  const releases = (of: Readonly<Record<string, string>>) =>
    Object.entries(of).map(([id, word]) =>
      helmRelease(id, {
        status: word,
        ...(fallback === undefined ? {} : { fallbackRevision: fallback }),
        ...(createdAt === undefined ? {} : { createdAt }),
      }),
    );
  const cluster = new FakeCluster({ shop: { releases: releases(status) } });
  const begun: string[] = [];
  const commands: string[] = [];
  const mendings: Mending[] = [];
  const printed: string[] = [];
  let result: BackendResult = { ok: true };
  const guard = pendingGuard(
    {
      run: async ({ id }) => {
        begun.push(id);
        return result;
      },
      runCommand: async () => ({ ok: true }),
      now: () => 0,
      sleep: async () => {},
    },
    {
      clusterOf: () => cluster,
      fix,
      found: new Map(Object.entries(found)),
      wasLookedAt: () => lookedAt,
      run: async (command) => {
        commands.push(command.join(" "));
        const now = Object.fromEntries(Object.keys(status).map((id) => [id, mended]));
        cluster.contents.set("shop", { releases: releases(now) });
        if (fails === undefined) return { ok: true };
        return { ok: false, failure: { kind: "exit", exitCode: 1, lastLines: [fails] } };
      },
    },
  );
  const run = () =>
    guard.run(
      { ...shop, releases: ["shop/main", "shop/canary"] },
      {
        signal: new AbortController().signal,
        output: (line) => printed.push(line),
        mending: (one) => mendings.push(one),
      },
    );
  const ends = (how: BackendResult) => {
    result = how;
  };
  return { cluster, begun, commands, mendings, printed, run, ends };
}

const where = "--namespace shop --kubeconfig /etc/kubernetes/shop-deploy.config";

describe("before a step", () => {
  it.each([
    ["pending-install", "uninstall main"],
    ["pending-upgrade", "rollback main 3"],
    ["pending-rollback", "rollback main 3"],
    ["uninstalling", "uninstall main"],
  ])(
    "a release that is %s blocks it, and the reason tells the command that mends that: %s",
    async (status, command) => {
      const { run, begun, commands } = guarded(
        { "shop/main": status, "shop/canary": "deployed" },
        { fallback: 3 },
      );
      expect(await run()).toEqual({
        ok: false,
        blocked: `shop/main is ${status}: a helm did not come to its end; if none works on it now, --fix-pending mends it, by: helm3.17 ${command} --wait ${where}`,
      });
      expect([begun, commands]).toEqual([[], []]);
    },
  );

  it.each(["deployed", "failed", "superseded", "uninstalled"])("one that is %s does not", async (status) => {
    const { run, begun } = guarded({ "shop/main": status });
    expect(await run()).toEqual({ ok: true });
    expect(begun).toEqual(["shop/main"]);
  });

  it("nor does one of somebody else's", async () => {
    const { run, begun } = guarded({ "shop/other": "pending-install" });
    expect(await run()).toEqual({ ok: true });
    expect(begun).toEqual(["shop/main"]);
  });

  it("what cannot be read is told, and the step runs", async () => {
    const { cluster, run, begun, printed } = guarded({});
    cluster.fail("releases");
    expect(await run()).toEqual({ ok: true });
    expect(begun).toEqual(["shop/main"]);
    // Before the step, and after it.
    const told = "what was left half done is not known: releases may not be read";
    expect(printed).toEqual([told, told]);
  });
});

describe("asked to mend", () => {
  it.each([
    ["pending-install", 3, "uninstall main --wait"],
    ["pending-install", undefined, "uninstall main --wait"],
    ["uninstalling", 3, "uninstall main --wait"],
    ["pending-upgrade", 3, "rollback main 3 --wait"],
    ["pending-rollback", 3, "rollback main 3 --wait"],
  ] as const)(
    "a %s with revision %s to go back to: helm %s, then the step",
    async (status, fallback, how) => {
      const { run, begun, commands, mendings } = guarded({ "shop/main": status }, { fix: true, fallback });
      expect(await run()).toEqual({ ok: true });
      expect(commands).toEqual([`helm3.17 ${how} ${where}`]);
      expect(mendings).toEqual([{ release: "shop/main", status, command: commands[0]?.split(" ") }]);
      expect(begun).toEqual(["shop/main"]);
    },
  );

  it("never takes away what may be in use: an upgrade with nothing to go back to blocks the step", async () => {
    const { run, begun, commands } = guarded({ "shop/main": "pending-upgrade" }, { fix: true });
    expect(await run()).toEqual({
      ok: false,
      blocked:
        "shop/main is pending-upgrade: a helm did not come to its end, and no revision is known to go back to: mend it by hand",
    });
    expect([begun, commands]).toEqual([[], []]);
  });

  it.each<[string, Readonly<Record<string, number>>]>([
    ["was not half done when the rollout began", {}],
    ["is another attempt than the one that was", { "shop/main": 7 }],
  ])("leaves alone what %s: somebody else works on it", async (_, found) => {
    const { run, begun, commands } = guarded({ "shop/main": "pending-install" }, { fix: true, found });
    expect(await run()).toEqual({
      ok: false,
      blocked:
        "shop/main is pending-install, and was not when this rollout began: somebody else may be at work on it",
    });
    expect([begun, commands]).toEqual([[], []]);
  });

  it("leaves alone what could not be looked at when the rollout began, however old it looks: clocks differ", async () => {
    const unseen = { fix: true, found: {}, lookedAt: false, createdAt: 0 };
    const { run, begun, commands } = guarded({ "shop/main": "pending-install" }, unseen);
    expect(await run()).toEqual({
      ok: false,
      blocked:
        "shop/main is pending-install since 1970-01-01T00:00:00Z, and was not looked at when this rollout began: somebody else may be at work on it",
    });
    expect([begun, commands]).toEqual([[], []]);
  });

  it("mends what the rollout's own first try of the step has left", async () => {
    const { cluster, run, begun, commands } = guarded({}, { fix: true, found: {} });
    expect(await run()).toEqual({ ok: true });
    cluster.contents.set("shop", { releases: [helmRelease("shop/main", { status: "pending-install" })] });
    expect(await run()).toEqual({ ok: true });
    expect(commands).toEqual([`helm3.17 uninstall main --wait ${where}`]);
    expect(begun).toEqual(["shop/main", "shop/main"]);
  });

  it("goes on where helm failed to roll back, and has written so: it can upgrade from there", async () => {
    const { run, begun } = guarded(
      { "shop/main": "pending-upgrade" },
      { fix: true, fallback: 1, mended: "failed", fails: "Error: no" },
    );
    expect(await run()).toEqual({ ok: true });
    expect(begun).toEqual(["shop/main"]);
  });

  it("tries again what failed for what passes by itself, three times in all", async () => {
    const refused =
      'Error: Kubernetes cluster unreachable: Get "https://kube:6443/version": dial tcp 10.0.0.1:6443: connect: connection refused';
    const { run, begun, commands, printed } = guarded(
      { "shop/main": "pending-install" },
      { fix: true, mended: "pending-install", fails: refused },
    );
    expect(await run()).toMatchObject({ ok: false, blocked: expect.stringContaining("could not be mended") });
    expect([commands.length, begun]).toEqual([3, []]);
    expect(printed).toContain("as the connection was refused, it is mended again in a while");
  });

  it("where helm cannot, the step is blocked and says so", async () => {
    const { run, begun } = guarded(
      { "shop/main": "pending-install" },
      { fix: true, mended: "pending-install", fails: "Error: no" },
    );
    expect(await run()).toEqual({
      ok: false,
      blocked: `shop/main is pending-install, and could not be mended: helm3.17 uninstall main --wait ${where}: exit code 1: Error: no`,
    });
    expect(begun).toEqual([]);
  });

  it("where it is pending again at once, somebody else works on it, and the step is blocked", async () => {
    const { run, begun } = guarded(
      { "shop/main": "pending-upgrade" },
      { fix: true, fallback: 1, mended: "pending-upgrade" },
    );
    expect(await run()).toEqual({
      ok: false,
      blocked: "shop/main is pending-upgrade, also after it was mended: somebody else works on it",
    });
    expect(begun).toEqual([]);
  });
});

describe("after a step", () => {
  it("that ended well, a release that is half done all the same is a failure", async () => {
    const { cluster, run, begun } = guarded({});
    const ended = run();
    await Promise.resolve();
    cluster.contents.set("shop", { releases: [helmRelease("shop/main", { status: "pending-install" })] });
    expect(await ended).toEqual({
      ok: false,
      failure: { kind: "other", message: "helmfile ended well, but left shop/main pending-install" },
    });
    expect(begun).toEqual(["shop/main"]);
  });

  it("that failed, helm's own words are told", async () => {
    const { run, ends } = guarded({});
    const failed: BackendResult = {
      ok: false,
      failure: { kind: "exit", exitCode: 1, lastLines: ["Error: x"] },
    };
    ends(failed);
    expect(await run()).toEqual(failed);
  });
});
