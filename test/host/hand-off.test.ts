import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { helmRecord, pod, service } from "../support/kubernetes-objects.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { type BuiltCommand, buildCommand } from "./support/built-command.ts";
import { deployedBy } from "./support/cluster-behind.ts";
import { startNorth } from "./support/north.ts";
import { hasPseudoTerminal } from "./support/pseudo-terminal.ts";

vi.setConfig({ testTimeout: 30_000 });

let command: BuiltCommand;
beforeAll(async () => {
  command = await buildCommand();
});
afterAll(() => command.remove());

/** helmfile says that all went well, and helm has a failed release all the same: no gate sees that. */
const failedInShop = (release: string) =>
  release === "shop/prometheus"
    ? [helmRecord(release, "failed", 2), service("shop/statsd-exporter-prometheus")]
    : deployedBy(release);

const notReady =
  "the preflight is not ready: release shop/prometheus: MediaWiki needs it first, and its deployment failed (revision 2)";

describe("the command of a stage", () => {
  it("is run when a preflight of all that it deploys is ready; its output streams", async () => {
    const { handOff, kubernetes, run } = await startNorth(command);
    handOff.answer("north", "echo 'syncing the world'; echo 'beware' >&2");
    const { exitCode, stderr } = await run("restore", "--yes");
    expect(exitCode).toBe(0);
    expect(stderr).toContain("  [mediawiki north] syncing the world\n");
    expect(stderr).toContain("  [mediawiki north] beware\n");
    // The gate has no use for these.
    for (const namespace of ["mw-web", "shop"]) {
      expect(kubernetes.calls()).toContainEqual(
        expect.stringMatching(`^/api/v1/namespaces/${namespace}/secrets`),
      );
      expect(kubernetes.calls()).toContainEqual(
        expect.stringMatching(`^/api/v1/namespaces/${namespace}/pods\\?limit`),
      );
    }
  });

  it("ends its stage with its own exit code", async () => {
    const { handOff, run } = await startNorth(command);
    handOff.answer("north", "echo 'k8s sync failed' >&2; exit 7");
    const { exitCode, stdout, stderr } = await run("restore", "--yes", "-o", "json");
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      commands: [{ stage: "mediawiki", outcome: { kind: "failed", failure: { kind: "exit", exitCode: 7 } } }],
    });
    expect(stderr).toContain("failed: mediawiki: exit code 7: k8s sync failed");
  });

  it("is blocked by a preflight that is not ready, which names what is missing", async () => {
    const { handOff, run } = await startNorth(command, { brings: failedInShop });
    const { exitCode, stdout, stderr } = await run("restore", "--yes", "-o", "json");
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      commands: [
        {
          stage: "mediawiki",
          outcome: { kind: "blocked", on: [], reason: expect.stringContaining(notReady) },
        },
      ],
    });
    expect(stderr).toContain(`! [mediawiki north] blocked: ${notReady}`);
    expect(stderr).toContain(`\nblocked: mediawiki (${notReady}`);
    expect(handOff.calls()).toEqual([]);
  });

  it("is blocked where a container runs since before its Service", async () => {
    const { handOff, run } = await startNorth(command, {
      brings: (release) => [
        ...deployedBy(release),
        ...(release === "shop/prometheus"
          ? [
              service("shop/statsd-exporter-prometheus", { createdAt: "2026-01-02T00:00:00Z" }),
              pod("shop/main-1", { release: "main", startedAt: "2026-01-01T00:00:00Z" }),
            ]
          : []),
      ],
    });
    const { exitCode, stderr } = await run("restore", "--yes");
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      "blocked: the preflight is not ready: release shop/main: 1 container of 1 pod (main-1) runs since 2026-01-01",
    );
    expect(handOff.calls()).toEqual([]);
  });

  it("is blocked where the preflight could not look, and never run on a guess", async () => {
    const { handOff, kubernetes, run } = await startNorth(command);
    kubernetes.answer("/api/v1/namespaces/shop/pods?limit", {
      kind: "status",
      status: 403,
      message: "not for you",
    });
    const { exitCode, stderr } = await run("restore", "--yes");
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /blocked: the preflight could not find out whether it is ready: cannot read the pods of shop .*: 403 .*: not for you\n/,
    );
    expect(handOff.calls()).toEqual([]);
  });

  it("runs all the same with --skip-gate and the name of its stage, and says what stood in its way", async () => {
    const { handOff, run } = await startNorth(command, { brings: failedInShop });
    const { exitCode, stderr } = await run("restore", "--yes", "--skip-gate", "mediawiki");
    expect(exitCode).toBe(0);
    expect(stderr).toContain(`! [mediawiki north] runs all the same: ${notReady}`);
    expect(handOff.calls()).toEqual(["north"]);
  });

  it("is not run by --skip-gate of the gate before it: the preflight is one of its own", async () => {
    const { handOff, helmfile, run } = await startNorth(command, { objects: [helmRecord("shop/other")] });
    helmfile.answer("shop_prometheus", "exit 1");
    const { exitCode, stderr } = await run("restore", "--yes", "--skip-gate", "support");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("gate support open: skipped: shop/prometheus failed\n");
    expect(stderr).toContain(
      "blocked: the preflight is not ready: release shop/prometheus: MediaWiki needs it first, and it is not deployed; " +
        "service shop/statsd-exporter-prometheus: it is not there",
    );
    expect(handOff.calls()).toEqual([]);
  });
});

describe("a kubeconfig that the preflight will look with", () => {
  const template = "/nonexistent/{namespace}-{environment}.config";
  const [web, shop] = ["mw-web", "shop"].map((name) =>
    template.replace("{namespace}", name).replace("{environment}", "north"),
  );
  const unreachable = { registry: { kubeconfig: `"${template}"` } };

  it("and that is not there is told before anything is deployed, with what names it and what helps", async () => {
    const { registryFile, handOff, run } = await startNorth(command, unreachable);
    const { exitCode, stderr } = await run("restore", "--yes", "--skip-gate", "support");
    expect(exitCode).toBe(1);
    const begins = stderr.indexOf("restore of the cluster north:");
    expect(begins).toBeGreaterThan(0);
    expect(
      stderr.slice(0, begins),
    ).toContain(`warning: mediawiki will be kept back: whether it may begin cannot be looked up, as
  there is no ${web}
  there is no ${shop}
  named by: kubeconfig: ${template.replace("{environment}", "north")} in ${registryFile}
  to do: name one that can be read with --kubeconfig FILE; all else is deployed without it
`);
    expect(stderr).toContain("preflight could not find out whether it is ready: no kubeconfig to reach");
    expect(handOff.calls()).toEqual([]);
  });

  it("is told with its fault where it can be no kubeconfig, and once where all namespaces have the same", async () => {
    const file = join(temporaryFolder({ "broken.config": "apiVersion: v1\n" }), "broken.config");
    const { run } = await startNorth(command, { registry: { kubeconfig: file } });
    const { stderr } = await run("restore", "--yes");
    const warning = stderr.slice(stderr.indexOf("warning: mediawiki"), stderr.indexOf("  named by: "));
    expect(warning).toMatch(/^ {2}the kubeconfig .*broken\.config cannot be used: /m);
    expect(warning.match(/broken\.config/g)).toHaveLength(1);
  });

  it.each([
    ["--kubeconfig names another", (file: string) => ["--kubeconfig", file]],
    ["nobody looks with it", () => ["--skip-gate", "support,mediawiki"]],
    ["nothing is handed over", () => ["--support-only"]],
  ])("is no matter where %s", async (_, flags) => {
    const { kubernetes, run } = await startNorth(command, unreachable);
    const { exitCode, stderr } = await run("restore", "--yes", ...flags(kubernetes.kubeconfigFile));
    expect(exitCode).toBe(0);
    expect(stderr).not.toContain("kept back");
  });
});

describe.skipIf(!hasPseudoTerminal)("on a terminal a command that may not begin", () => {
  const enter = "\r";

  const question = `mediawiki may not begin (${notReady}`;

  const untilRefused = async () => {
    const north = await startNorth(command, { brings: failedInShop });
    const session = north.operate("restore");
    await session.sees("restore north?");
    session.types(`y${enter}`);
    await session.sees("go on with stage priority");
    session.types(`y${enter}`);
    await session.sees(question);
    return { ...north, ...session };
  };

  it("is looked at again, and then run", async () => {
    const { kubernetes, handOff, sees, types, ended } = await untilRefused();
    types(`r${enter}`);
    // Between them the live view may have been drawn.
    await sees(/look again\n(.*\n)*\? mediawiki may not begin/);
    kubernetes.put(helmRecord("shop/prometheus", "deployed", 3));
    types(`r${enter}`);
    await sees("mediawiki of north: run mediawiki-handoff north?");
    types(`y${enter}`);
    expect((await ended).exitCode).toBe(0);
    expect(handOff.calls()).toEqual(["north"]);
  });

  it("is run all the same where the operator says so", async () => {
    const { handOff, types, ended } = await untilRefused();
    types(`g${enter}`);
    expect((await ended).exitCode).toBe(0);
    expect(handOff.calls()).toEqual(["north"]);
  });

  it("is left where the operator says so", async () => {
    const { handOff, types, ended, screen } = await untilRefused();
    types(`n${enter}`);
    expect((await ended).exitCode).toBe(1);
    expect(screen()).toContain("blocked: mediawiki");
    expect(handOff.calls()).toEqual([]);
  });

  it("is left at Ctrl-C: exit code 130", async () => {
    const { handOff, types, ended } = await untilRefused();
    types("\x03");
    expect(await ended).toEqual({ exitCode: 130, echoBefore: true, echoAfter: true });
    expect(handOff.calls()).toEqual([]);
  });
});
