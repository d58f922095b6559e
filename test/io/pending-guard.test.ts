import { describe, expect, it } from "vitest";
import type { BackendResult, Mending } from "../../src/core/backend.ts";
import { pendingGuard } from "../../src/io/pending-guard.ts";
import { FakeCluster, helmRelease } from "../support/fake-cluster.ts";
import { step } from "../support/plan.ts";

const shop = step("shop/main", [], { kubeconfig: "/etc/kubernetes/shop-deploy.config", helm: "helm3.17" });

/** A step of the releases `shop/main` and `shop/canary`, on a cluster that has other ones too. */
function guarded(
  status: Readonly<Record<string, string>>,
  options: { readonly fix?: boolean; readonly deployedRevision?: number; readonly mended?: string } = {},
) {
  const { fix = false, deployedRevision, mended = "deployed" } = options;
  const releases = (of: Readonly<Record<string, string>>) =>
    Object.entries(of).map(([id, word]) =>
      helmRelease(id, { status: word, ...(deployedRevision === undefined ? {} : { deployedRevision }) }),
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
      run: async (command) => {
        commands.push(command.join(" "));
        if (mended === "fails") {
          return { ok: false, failure: { kind: "exit", exitCode: 1, lastLines: ["Error: no"] } };
        }
        const now = Object.fromEntries(Object.keys(status).map((id) => [id, mended]));
        cluster.contents.set("shop", { releases: releases(now) });
        return { ok: true };
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
  it.each(["pending-install", "pending-upgrade", "pending-rollback", "uninstalling"])(
    "a release that is %s blocks it, and the reason tells the command that mends that",
    async (status) => {
      const { run, begun, commands } = guarded({ "shop/main": status, "shop/canary": "deployed" });
      expect(await run()).toEqual({
        ok: false,
        blocked: `shop/main is ${status}: a helm did not come to its end; if none works on it now, --fix-pending mends it, by: helm3.17 uninstall main --wait ${where}`,
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
    expect(printed).toEqual(["what was left half done is not known: releases may not be read"]);
  });
});

describe("asked to mend", () => {
  it.each([
    ["pending-install", 3, "uninstall main --wait"],
    ["uninstalling", 3, "uninstall main --wait"],
    ["pending-upgrade", 3, "rollback main 3"],
    ["pending-rollback", 3, "rollback main 3"],
    // Only failed attempts: there is nothing to go back to.
    ["pending-upgrade", undefined, "uninstall main --wait"],
  ] as const)(
    "a %s with deployed revision %s: helm %s, then the step",
    async (status, revision, expected) => {
      const { run, begun, commands, mendings } = guarded(
        { "shop/main": status },
        { fix: true, ...(revision === undefined ? {} : { deployedRevision: revision }) },
      );
      expect(await run()).toEqual({ ok: true });
      expect(commands).toEqual([`helm3.17 ${expected} ${where}`]);
      expect(mendings).toEqual([{ release: "shop/main", status, command: commands[0]?.split(" ") }]);
      expect(begun).toEqual(["shop/main"]);
    },
  );

  it("where helm cannot, the step is blocked and says so", async () => {
    const { run, begun } = guarded({ "shop/main": "pending-install" }, { fix: true, mended: "fails" });
    expect(await run()).toEqual({
      ok: false,
      blocked: `shop/main is pending-install, and could not be mended: helm3.17 uninstall main --wait ${where}: exit code 1: Error: no`,
    });
    expect(begun).toEqual([]);
  });

  it("where it is pending again at once, somebody else works on it, and the step is blocked", async () => {
    const { run, begun } = guarded(
      { "shop/main": "pending-upgrade" },
      { fix: true, deployedRevision: 1, mended: "pending-upgrade" },
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
      failure: {
        kind: "exit",
        exitCode: 0,
        lastLines: ["Error: helmfile ended well, but left shop/main pending-install"],
      },
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
