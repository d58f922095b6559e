import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, inject, it, onTestFinished } from "vitest";
import { registryWith } from "../host/support/cluster-behind.ts";
import { startFakeKubernetes } from "../support/fake-kubernetes.ts";
import { helmRecord, namespace, service } from "../support/kubernetes-objects.ts";
import { nodeVersions } from "./support/node-versions.ts";
import { addRecipes } from "./support/recipes.ts";
import { run } from "./support/run.ts";

const project = inject("project");
const repository = fileURLToPath(new URL("../../", import.meta.url));
const registry = join(project, "node_modules/charlie-plugin-mediawiki/registry.yaml");
const inventory = join(
  project,
  "node_modules/charlie-plugin-mediawiki/fixtures/inventories/services-eqiad.json",
);

/** What each is run with. */
const recipes: Readonly<Record<string, { readonly args: readonly string[]; readonly exitCode: number }>> = {
  "check-in-ci": { args: [registry, inventory], exitCode: 1 },
  classify: { args: [registry, inventory], exitCode: 0 },
  "custom-rule": { args: [registry, inventory], exitCode: 0 },
  derive: { args: [join(repository, "fixtures/manifests")], exitCode: 0 },
  events: { args: [registry, inventory], exitCode: 0 },
  "own-backend": { args: [registry, inventory], exitCode: 0 },
};

let names: readonly string[];
beforeAll(async () => {
  names = await addRecipes(project);
});

it("each recipe is run", () => {
  expect(names).toEqual([...Object.keys(recipes), "preflight-service"].sort());
});

describe.each(nodeVersions)("$name", ({ program }) => {
  it.skipIf(program === undefined).each(Object.entries(recipes))(
    "recipe %s",
    async (name, { args, exitCode }) => {
      const ended = await run([program ?? "", `recipes/${name}.js`, ...args], { cwd: project });
      expect({ exitCode: ended.exitCode, stderr: ended.stderr }).toEqual({ exitCode, stderr: "" });
      const stdout = ended.stdout.replaceAll(project, "PROJECT").replace(/took \d+\.\d s/, "took 0.0 s");
      await expect(stdout).toMatchFileSnapshot(`__snapshots__/${name}.txt`);
    },
  );

  it.skipIf(program === undefined)("recipe preflight-service", async () => {
    const kubernetes = await startFakeKubernetes({
      objects: [
        namespace("mw-web"),
        service("mw-web/statsd-exporter-prometheus"),
        helmRecord("mw-web/prometheus"),
      ],
    });
    onTestFinished(() => kubernetes.stop());
    const registryFile = registryWith({ kubeconfig: kubernetes.kubeconfigFile });
    const child = spawn(program ?? "", ["recipes/preflight-service.js", registryFile], { cwd: project });
    onTestFinished(() => void child.kill("SIGKILL"));
    const [line] = await once(createInterface(child.stdout), "line");
    const url = `http://127.0.0.1:${JSON.parse(line).port}`;

    const ready = await fetch(`${url}/eqiad/mw-web/main`);
    expect([ready.status, await ready.json()]).toMatchObject([200, { version: 1, ready: true }]);
    kubernetes.remove("Service", "mw-web/statsd-exporter-prometheus");
    expect((await fetch(`${url}/eqiad/mw-web/main`)).status).toBe(409);
    await kubernetes.stop();
    expect((await fetch(`${url}/eqiad/mw-web/main`)).status).toBe(503);
    expect((await fetch(`${url}/eqiad`)).status).toBe(404);
  });
});

describe("type-checked by what was installed, with the checks of its types", () => {
  const tsc = join(repository, "node_modules/typescript/bin/tsc");
  const base = { strict: true, target: "es2023", types: ["node"], noEmit: true, skipLibCheck: false };
  const settings = [
    ["as Node resolves", { ...base, module: "nodenext" }],
    ["as bundlers do", { ...base, module: "esnext", moduleResolution: "bundler" }],
    ["with exactOptionalPropertyTypes", { ...base, module: "nodenext", exactOptionalPropertyTypes: true }],
  ] as const;

  it.each(settings)("%s", async (name, compilerOptions) => {
    const file = `tsconfig.${name.replaceAll(" ", "-")}.json`;
    await writeFile(join(project, file), JSON.stringify({ compilerOptions, include: ["recipes/*.ts"] }));
    const { exitCode, stdout } = await run([process.execPath, tsc, "-p", file], { cwd: project });
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "" });
  });

  it("a program that uses it wrongly does not pass", async () => {
    await writeFile(
      join(project, "wrong.ts"),
      'import { parseRegistry } from "charlie-plugin-mediawiki/core";\nparseRegistry({ file: 1, text: "" });\n',
    );
    const flags = ["--noEmit", "--strict", "--module", "nodenext", "--types", "node", "wrong.ts"];
    const { exitCode, stdout } = await run([process.execPath, tsc, ...flags], { cwd: project });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: expect.stringContaining("wrong.ts(2,17)") });
  });
});
