import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { deriveDependencies } from "../../src/core/manifests/derive.ts";
import { discover } from "../../src/io/discover.ts";
import { helmfileEnvironment } from "../../src/io/helmfile.ts";
import { readManifests } from "../../src/io/read-manifests.ts";
import { renderManifests } from "../../src/io/render-manifests.ts";
import { runInProcess } from "../host/support/in-process.ts";
import { describeWithTools } from "./support/tools.ts";

const fixture = (name: string): string => fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url));
const servicesDir = fixture("derive/services");
const recorded = fixture("manifests");

/** Neither a cluster nor an API server is needed: charts are only rendered. */
describeWithTools("derive with real helmfile", () => {
  test("the recorded manifests are what helm renders", () => {
    const folder = mkdtempSync(join(tmpdir(), "derive-"));
    try {
      for (const service of readdirSync(servicesDir)) if (service !== "broken") template(service, folder);
      if (process.env.RECORD_MANIFESTS === "1") {
        rmSync(recorded, { recursive: true, force: true });
        cpSync(folder, recorded, { recursive: true });
      }
      expect(textsBelow(folder)).toEqual(textsBelow(recorded));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test("charts rendered by helmfile give the same dependencies as their recorded manifests", async () => {
    const tree = await discover({ servicesDir, environment: "eqiad", env: process.env });
    if (!tree.ok) throw new Error(JSON.stringify(tree.failure));
    const { services } = tree.value;
    const rendered = await renderManifests({ services, servicesDir, environment: "eqiad", env: process.env });
    const read = await readManifests(recorded, { signal: new AbortController().signal });
    if (!rendered.ok || !read.ok) throw new Error(JSON.stringify([rendered, read]));
    const wanted = rendered.value.releases.filter(({ id }) => !id.startsWith("broken/"));
    expect(deriveDependencies(wanted)).toEqual(
      JSON.parse(JSON.stringify(deriveDependencies(read.value.releases)).replaceAll(`${recorded}/`, "")),
    );
  });

  test("a chart that cannot be rendered is named with helm's message, and the others of its service go on", async () => {
    const argv = ["derive", "--services-dir", servicesDir, "-e", "eqiad", "-s", "broken", "-o", "json"];
    const { exitCode, stdout, stderr } = await runInProcess(argv);
    const { notRendered, edges } = JSON.parse(stdout);
    expect(exitCode).toBe(1);
    expect(notRendered).toEqual([
      {
        release: "broken/unsound",
        service: "broken",
        message: expect.stringContaining("a site must be given"),
      },
    ]);
    expect(edges).toEqual([]);
    expect(stderr).toContain("broken/unsound could not be rendered");
  });

  test("only what the selected services need is told, with what their namespaces hold", async () => {
    const argv = ["derive", "--services-dir", servicesDir, "-e", "eqiad", "-s", "mw-web", "-s", "mw-v*"];
    const { exitCode, stdout } = await runInProcess(argv);
    expect({ exitCode, stdout }).toMatchSnapshot();
  });
});

function template(service: string, folder: string): void {
  const args = [
    ...["--file", join(servicesDir, service, "helmfile.yaml"), "--environment", "eqiad", "template"],
    ...["--output-dir", folder, "--output-dir-template"],
    "{{ .OutputDir }}/{{ .Release.Namespace }}/{{ .Release.Name }}",
  ];
  const { status, stderr } = spawnSync("helmfile", args, {
    env: helmfileEnvironment(process.env),
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
}

function textsBelow(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const files = entries.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)).sort();
  return Object.fromEntries(files.map((file) => [file, readFileSync(join(folder, file), "utf8")]));
}
