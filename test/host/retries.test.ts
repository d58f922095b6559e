import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { helmRecord } from "../support/kubernetes-objects.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { type BuiltCommand, buildCommand } from "./support/built-command.ts";
import type { ControlledHelmfile } from "./support/controlled-helmfile.ts";
import { startNorth } from "./support/north.ts";
import { hasPseudoTerminal } from "./support/pseudo-terminal.ts";

let command: BuiltCommand;
beforeAll(async () => {
  command = await buildCommand();
});
afterAll(() => command.remove());

/** Lets a call fail with what real helmfile printed then: the first so many times, after that it ends well. */
function failWith(
  helmfile: ControlledHelmfile,
  key: string,
  { output, times }: { output: string; times: number },
) {
  const folder = temporaryFolder({ output: output.slice(output.indexOf("\n---\n") + 5) });
  const shell = `echo x >> "${folder}/tries"
[ "$(wc -l < "${folder}/tries")" -gt ${times} ] && exit 0
cat "${folder}/output" >&2; exit 1`;
  helmfile.answer(key, shell);
}

const refused = readFileSync("fixtures/failures/retryable/unreachable-connection-refused.txt", "utf8");

const wholeSecond = { timeout: 60_000 };

describe("a step that failed for what passes by itself", wholeSecond, () => {
  it("is tried again, told in the log and on the terminal, and the rollout ends well", async () => {
    const { helmfile, run, logs } = await startNorth(command);
    failWith(helmfile, "sync.shop_prometheus", { output: refused, times: 1 });
    const { exitCode, stderr } = await run("restore", "--yes", "-s", "shop", "--skip-gate", "mediawiki");
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(
      /^! \[shop north\] shop\/prometheus failed: exit code 1: Error: .*; as the connection was refused, it is tried again in [2-7]\.\d s$/m,
    );
    expect(stderr).toMatch(/^ {2}\[shop north\] shop\/prometheus: sync \(try 2\)$/m);
    expect(helmfile.ends()).toEqual(["sync shop_prometheus 1", "sync shop_prometheus 0"]);
    const log = readFileSync(join(logs, "shop_prometheus.log"), "utf8");
    expect(log).toMatch(/^# failed, as the connection was refused; tried again in \d\.\d s$/m);
  });

  it("is shown in the diff of an apply all the same, as that is taken again too", async () => {
    const { helmfile, run } = await startNorth(command, { objects: [helmRecord("shop/prometheus")] });
    failWith(helmfile, "diff.shop_prometheus", { output: refused, times: 1 });
    const { exitCode, stderr } = await run("apply", "--yes", "-s", "shop");
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(
      /shop\/prometheus: as the connection was refused, its diff is taken again in \d\.\d s$/m,
    );
    expect(helmfile.ends()).toEqual(["diff shop_prometheus 1", "diff shop_prometheus 0"]);
  });

  it("fails with --tries 1 at once", async () => {
    const { helmfile, run } = await startNorth(command);
    failWith(helmfile, "sync.shop_prometheus", { output: refused, times: 1 });
    // The only step, and nothing was found out.
    expect((await run("restore", "--yes", "-s", "shop", "--tries", "1")).exitCode).toBe(3);
    expect(helmfile.ends()).toEqual(["sync shop_prometheus 1"]);
  });
});

describe("a release that was left half done", wholeSecond, () => {
  it("is told before anything runs, and blocks its step, with the way on", async () => {
    const { helmfile, kubernetes, run } = await startNorth(command, {
      objects: [helmRecord("shop/prometheus", "pending-install")],
    });
    const { exitCode, stderr } = await run("restore", "--yes");
    expect(exitCode).toBe(1);
    const told =
      "left half done, blocks its step; --fix-pending mends it, if no helm works on it now: shop/prometheus is pending-install since ";
    expect(stderr.indexOf(told)).toBeGreaterThan(-1);
    expect(stderr.indexOf(told)).toBeLessThan(stderr.indexOf("restore of the cluster north:"));
    expect(stderr).toContain(
      `--fix-pending mends it, by: helm uninstall prometheus --wait --namespace shop --kubeconfig ${kubernetes.kubeconfigFile}\n`,
    );
    expect(helmfile.ends().sort()).toEqual(["sync mw-web_prometheus 0", "sync toolhub 0"]);
  });

  it("is looked for in a dry run only with --kubeconfig: with --fix-pending either of them is told", async () => {
    const { kubernetes, run } = await startNorth(command, {
      objects: [helmRecord("shop/prometheus", "pending-install")],
    });
    const dry = ["restore", "--dry_run", "--fix-pending"] as const;
    expect(await run(...dry)).toMatchObject({
      exitCode: 0,
      stderr: "what --fix-pending would mend is not looked at in a dry run without --kubeconfig FILE\n",
    });
    expect(kubernetes.calls()).toEqual([]);
    const { exitCode, stderr } = await run(...dry, "--kubeconfig", kubernetes.kubeconfigFile);
    expect(exitCode).toBe(0);
    expect(stderr).toContain(
      "left half done, is mended before its step: shop/prometheus is pending-install since ",
    );
  });
});

// Without python3 there is no terminal to ask on: then these are skipped, and said to be.
describe.skipIf(!hasPseudoTerminal)("on a terminal, after the last try", wholeSecond, () => {
  it("the operator may see the diff, try again, and go on: no diff is taken before that", async () => {
    const { helmfile, operate } = await startNorth(command);
    helmfile.answer("sync.shop_prometheus", 'echo "Error: no such image" >&2; exit 1');
    helmfile.answer("diff.shop_prometheus", "echo '+ image: 2'; exit 2");
    const { sees, types, ended, screen } = operate("restore", "-s", "shop");
    await sees("restore north?");
    types("y\r");
    const question = "shop/prometheus failed (exit code 1: Error: no such image):";
    await sees(question);
    expect(screen()).not.toContain("+ image: 2");
    expect(helmfile.ends()).toEqual(["sync shop_prometheus 1"]);
    types("d\r");
    await sees("+ image: 2");
    helmfile.answer("sync.shop_prometheus", "exit 0");
    types("r\r");
    expect((await ended).exitCode).toBe(0);
    expect(helmfile.ends()).toEqual([
      "sync shop_prometheus 1",
      "diff shop_prometheus 2",
      "sync shop_prometheus 0",
    ]);
  });
});
