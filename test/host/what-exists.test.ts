import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { planSchema } from "../../src/core/plan/plan.ts";
import { helmRecord, namespace } from "../support/kubernetes-objects.ts";
import { type BuiltCommand, buildCommand } from "./support/built-command.ts";
import type { ControlledHelmfile } from "./support/controlled-helmfile.ts";
import { startNorth } from "./support/north.ts";

vi.setConfig({ testTimeout: 30_000 });

let command: BuiltCommand;
beforeAll(async () => {
  command = await buildCommand();
});
afterAll(() => command.remove());

/** What was run, in order of its name: `sync shop_prometheus`. */
function carriedOut(helmfile: ControlledHelmfile): string[] {
  return helmfile
    .ends()
    .map((end) => end.replace(/ \d+$/, ""))
    .sort();
}

const forbidden = { kind: "status", status: 403, message: "not for you" } as const;

describe("a restore", () => {
  it("applies what helm has a release of, and syncs the rest", async () => {
    const objects = [
      // Whatever became of them: there is something to compare with.
      helmRecord("mw-web/prometheus", "failed"),
      helmRecord("toolhub/main"),
      helmRecord("shop/prometheus", "uninstalled"),
      helmRecord("shop/other"),
    ];
    const { helmfile, run } = await startNorth(command, { objects });
    expect((await run("restore", "--yes")).exitCode).toBe(0);
    expect(carriedOut(helmfile)).toEqual([
      "apply mw-web_prometheus",
      "apply toolhub",
      "sync shop_prometheus",
    ]);
  });

  it("syncs where it may not look, and says so once", async () => {
    const { kubernetes, helmfile, run } = await startNorth(command);
    kubernetes.answer(/^\/api\/v1\/namespaces\/[^/]+\/secrets/, forbidden);
    const { stderr } = await run("restore", "--yes", "--skip-gate", "mediawiki");
    expect(carriedOut(helmfile)).toEqual(["sync mw-web_prometheus", "sync shop_prometheus", "sync toolhub"]);
    const warnings = stderr.split("\n").filter((line) => line.startsWith("warning: what exists"));
    expect(warnings).toEqual([
      expect.stringMatching(
        /^warning: what exists in 3 namespaces is not known: cannot read .* of (mw-web|shop|toolhub) from .*: 403 Forbidden: not for you$/,
      ),
    ]);
  });

  it("syncs and applies by what it may see, and names the one namespace that it may not", async () => {
    const objects = [helmRecord("mw-web/prometheus"), helmRecord("shop/prometheus")];
    const { kubernetes, helmfile, run } = await startNorth(command, { objects });
    kubernetes.answer("/api/v1/namespaces/shop/secrets", forbidden);
    const { stderr } = await run("restore", "--yes", "--skip-gate", "mediawiki");
    expect(carriedOut(helmfile)).toEqual(["apply mw-web_prometheus", "sync shop_prometheus", "sync toolhub"]);
    expect(stderr).toContain("warning: what exists in shop is not known: cannot read ");
  });
});

describe("apply", () => {
  const support = ["--yes", "--support-only"];

  it("takes no diff where nothing exists, says that all of it is new, and syncs", async () => {
    const { helmfile, run } = await startNorth(command, { objects: [helmRecord("shop/prometheus")] });
    helmfile.answer("diff", "echo '+ changed'; exit 2");
    const { exitCode, stdout } = await run("apply", ...support);
    expect(exitCode).toBe(0);
    expect(carriedOut(helmfile)).toEqual([
      "apply shop_prometheus",
      "diff shop_prometheus",
      "sync mw-web_prometheus",
    ]);
    expect(stdout).toBe(`[mw-web north] mw-web/prometheus: not there yet, all of it is new

[shop north] shop/prometheus:
+ changed

2 steps: 1 new, 1 changed, 0 unchanged, 0 failed
`);
  });

  it("says in its JSON that what is new was deployed", async () => {
    const { run } = await startNorth(command);
    const { exitCode, stdout } = await run("apply", ...support, "-o", "json");
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      steps: [{ outcome: { kind: "succeeded" } }, { outcome: { kind: "succeeded" } }],
    });
  });

  it("names namespaces that are not there before the diffs; one that has releases is there", async () => {
    const objects = [helmRecord("shop/prometheus"), namespace("shop"), namespace("toolhub")];
    const { kubernetes, run } = await startNorth(command, { objects });
    const { exitCode, stderr } = await run("apply", "--yes");
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(
      /^looking what exists .*\nwarning: 1 namespace of the plan is not there, and with createNamespace: false helm does not make it: mw-web\n {2}to do: /m,
    );
    expect(kubernetes.calls().filter((call) => /^\/api\/v1\/namespaces(\?|$)/.test(call))).toHaveLength(1);
  });

  it("lists no namespaces where each has a release, and takes one that may not be listed for no fault", async () => {
    const objects = ["mw-web/prometheus", "shop/prometheus"].map((name) => helmRecord(name));
    const all = await startNorth(command, { objects });
    await all.run("apply", ...support);
    expect(all.kubernetes.calls().filter((call) => /^\/api\/v1\/namespaces(\?|$)/.test(call))).toEqual([]);
    const hidden = await startNorth(command);
    hidden.kubernetes.answer(/^\/api\/v1\/namespaces(\?|$)/, forbidden);
    const { exitCode, stderr } = await hidden.run("apply", ...support);
    expect(exitCode).toBe(0);
    expect(stderr).not.toMatch(/^warning: (?!the log command)/m);
  });

  it("compares and applies where it may not look", async () => {
    const { kubernetes, helmfile, run } = await startNorth(command);
    kubernetes.answer(/secrets/, forbidden);
    helmfile.answer("diff", "exit 2");
    const { exitCode, stderr } = await run("apply", ...support);
    expect(exitCode).toBe(0);
    expect(carriedOut(helmfile)).toEqual([
      ...["apply mw-web_prometheus", "apply shop_prometheus"],
      ...["diff mw-web_prometheus", "diff shop_prometheus"],
    ]);
    expect(stderr).toContain("warning: what exists in 2 namespaces is not known: cannot read ");
  });

  it("without any way to the cluster warns once, and goes on as ever", async () => {
    const template = '"/nonexistent/{namespace}-{environment}.config"';
    const { kubernetes, helmfile, run } = await startNorth(command, {
      registry: { kubeconfig: template, readKubeconfig: template },
    });
    helmfile.answer("diff", "exit 2");
    const { exitCode, stderr } = await run("apply", "--yes");
    expect(exitCode).toBe(0);
    expect(helmfile.ends().filter((end) => end.startsWith("apply "))).toHaveLength(3);
    const told = stderr.split("\n").filter((line) => line.includes("kubeconfig"));
    expect(told).toEqual([
      expect.stringMatching(
        /^warning: what exists in 3 namespaces is not known: no kubeconfig to reach the cluster with: .*; name one with --kubeconfig FILE$/,
      ),
    ]);
    expect(kubernetes.calls()).toEqual([]);
  });

  it("looks with --kubeconfig whatever the registry says", async () => {
    const { kubernetes, helmfile, run } = await startNorth(command, {
      registry: { kubeconfig: '"/nonexistent/{namespace}"' },
    });
    const { exitCode } = await run("apply", ...support, "--kubeconfig", kubernetes.kubeconfigFile);
    expect(exitCode).toBe(0);
    expect(carriedOut(helmfile)).toEqual(["sync mw-web_prometheus", "sync shop_prometheus"]);
  });
});

describe("what deploys nothing", () => {
  const objects = [helmRecord("shop/prometheus")];

  it.each([["plan"], ["list"], ["restore", "--dry_run"], ["apply", "--dry_run"]])(
    "%s %s does not look without --kubeconfig",
    async (verb, ...flags) => {
      const { kubernetes, run } = await startNorth(command, { objects });
      expect(await run(verb, ...flags)).toMatchObject({ exitCode: 0, stderr: "" });
      expect(kubernetes.calls()).toEqual([]);
    },
  );

  it("plan --kubeconfig shows which releases are to be applied and which to be synced", async () => {
    const { kubernetes, run } = await startNorth(command, { objects });
    for (const mode of ["apply", "restore"]) {
      const flags = ["--mode", mode, "--kubeconfig", kubernetes.kubeconfigFile, "-o", "json"];
      const { exitCode, stdout } = await run("plan", "--support-only", ...flags);
      expect(exitCode).toBe(0);
      const { expected: _, ...plan } = JSON.parse(stdout) as { expected: unknown };
      const { steps } = planSchema.parse(plan);
      expect(steps.map(({ id, action }) => [id, action])).toEqual([
        ["mw-web/prometheus", "sync"],
        ["shop/prometheus", "apply"],
      ]);
      for (const { action, args } of steps) expect(args).toContain(action);
    }
  });

  it("restore --dry_run --kubeconfig prints the commands that would be run", async () => {
    const { kubernetes, run } = await startNorth(command, { objects });
    const { stdout } = await run("restore", "--dry_run", "--kubeconfig", kubernetes.kubeconfigFile);
    expect(stdout).toMatch(/ -l namespace=mw-web,name=prometheus sync$/m);
    expect(stdout).toMatch(/ -l namespace=shop,name=prometheus apply --context 5$/m);
  });
});
