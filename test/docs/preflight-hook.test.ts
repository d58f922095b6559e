import { join } from "node:path";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { answerSchemas } from "../../src/core/hooks/hooks.ts";
import { type BuiltCommand, buildCommand } from "../host/support/built-command.ts";
import { deployedBy } from "../host/support/cluster-behind.ts";
import { spawnCommand } from "../host/support/spawned.ts";
import { startFakeKubernetes } from "../support/fake-kubernetes.ts";
import { namespace } from "../support/kubernetes-objects.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { loadPages } from "./support/markdown.ts";

let command: BuiltCommand;
beforeAll(async () => {
  command = await buildCommand();
});
afterAll(() => command.remove());

const [request = "", answer = ""] = loadPages()
  .filter(({ file }) => file === "docs/hosts.md")
  .flatMap(({ blocks }) => blocks.flatMap(({ language, text }) => (language === "json" ? [text] : [])));

/** Asks about a cluster in which `mw-web` holds what these releases bring. */
async function ask(...releases: readonly string[]) {
  const kubernetes = await startFakeKubernetes({
    objects: [namespace("mw-web"), ...releases.flatMap(deployedBy)],
  });
  onTestFinished(() => kubernetes.stop());
  return spawnCommand(
    command.program,
    ["hook", "rollout:preflight", "--kubeconfig", kubernetes.kubeconfigFile],
    { input: request, env: { HOME: join(temporaryFolder(), "home") } },
  ).ended;
}

it("docs/hosts.md shows what rollout:preflight answers where support is missing, and that is answered with 0", async () => {
  const { exitCode, stdout } = await ask();
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toEqual(JSON.parse(answer));
  expect(answerSchemas["rollout:preflight"].parse(JSON.parse(answer))).toMatchObject({
    report: { ready: false },
  });
});

it("the same request is ready where the support release is there", async () => {
  const { exitCode, stdout } = await ask("mw-web/prometheus");
  expect([exitCode, JSON.parse(stdout).report.ready]).toEqual([0, true]);
});
