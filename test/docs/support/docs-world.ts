import { execFile } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { parseInventory, renderInventory } from "../../../src/core/inventory.ts";
import type { Ended } from "../../host/support/in-process.ts";
import type { FakeKubernetes } from "../../support/fake-kubernetes.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { repository } from "./markdown.ts";

/** A host as the docs have it in mind: the command, helmfile, services, a cluster, and files that are named there. */
export interface DocsWorld {
  /** Runs a line of shell there; each `charlie-mediawiki` in it gets these flags besides. */
  run(line: string, flags: readonly string[]): Promise<Ended>;
  readonly servicesDir: string;
  /** An inventory of those releases of which there are manifests. */
  readonly renderedInventory: string;
  /** The package's registry, with the way to the cluster. */
  readonly registryFile: string;
}

const fixture = (name: string) => join(repository, "fixtures", name);

/** For a test: it is removed with it. */
export function docsWorld(program: string, kubernetes: FakeKubernetes): DocsWorld {
  const folder = temporaryFolder({ "registry.yaml": registryFor(kubernetes.kubeconfigFile) });
  const inventory = readFileSync(fixture("inventories/services-eqiad.json"), "utf8");
  const tree = parseInventory({ file: "services-eqiad.json", text: inventory });
  if (!tree.ok) throw new Error("the inventory has faults");
  for (const { helmfile } of tree.value.services) {
    mkdirSync(dirname(join(folder, "services", helmfile)), { recursive: true });
    writeFileSync(join(folder, "services", helmfile), "environments: { eqiad: {}, codfw: {} }\n");
  }
  // It has nothing here, and is left out by name.
  const without = join(folder, "services/cirrus-streaming-updater");
  mkdirSync(without);
  writeFileSync(join(without, "helmfile.yaml"), "environments: { eqiad: {}, codfw: {} }\n");
  writeFileSync(join(folder, "eqiad.json"), inventory);
  const rendered = tree.value.services.map(({ releases, ...service }) => ({
    ...service,
    releases: releases.filter(({ namespace, name }) => existsSync(fixture(`manifests/${namespace}/${name}`))),
  }));
  writeFileSync(join(folder, "rendered.json"), renderInventory({ ...tree.value, services: rendered }));
  cpSync(fixture("e2e/deployments.yaml"), join(folder, "deployments.yaml"));
  cpSync(fixture("e2e/deployments.yaml"), join(folder, "mediawiki-deployments.yaml"));
  cpSync(fixture("manifests"), join(folder, "rendered"), { recursive: true });
  const bin = join(folder, "bin");
  mkdirSync(bin);
  const put = (name: string, text: string) => {
    writeFileSync(join(bin, name), text);
    chmodSync(join(bin, name), 0o755);
  };
  put("charlie-mediawiki", `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@" $FLAGS\n`);
  put("npx", '#!/bin/sh\nexec "$@"\n');
  put("helmfile", `#!${process.execPath}\n${helmfile}`);
  const path = [bin, process.env.PATH].join(delimiter);
  const env = {
    PATH: path,
    HOME: folder,
    INVENTORY: fixture("inventories/services-eqiad.json"),
    MANIFESTS: fixture("manifests"),
  };
  return {
    servicesDir: join(folder, "services"),
    renderedInventory: join(folder, "rendered.json"),
    registryFile: join(folder, "registry.yaml"),
    run: (line, flags) =>
      new Promise((resolve) => {
        const options = { cwd: folder, env: { ...env, FLAGS: flags.join(" ") }, maxBuffer: 64 * 1024 * 1024 };
        execFile("/bin/sh", ["-c", line], options, (error, stdout, stderr) => {
          const exitCode = error ? (typeof error.code === "number" ? error.code : -1) : 0;
          resolve({ exitCode, stdout, stderr });
        });
      }),
  };
}

function registryFor(kubeconfig: string): string {
  return readFileSync(join(repository, "registry.yaml"), "utf8")
    .replace(/^lockFolder:.*\n/m, "")
    .replace(/^(kubeconfig|readKubeconfig): .*$/gm, `$1: ${kubeconfig}`);
}

/** Lists in every environment what the inventory has, renders what was recorded, and finds no change anywhere. */
const helmfile = `
const { readFileSync, cpSync, existsSync } = require("node:fs");
const { basename, dirname, join } = require("node:path");
const [, file, , , ...more] = process.argv.slice(2);
const verb = more.find((word) => ["build", "template"].includes(word));
const { services } = JSON.parse(readFileSync(process.env.INVENTORY, "utf8"));
const paths = basename(file).startsWith("services-")
  ? [...readFileSync(file, "utf8").matchAll(/- path: (".*")/g)].map(([, path]) => JSON.parse(path))
  : [file];
for (const path of paths) {
  const service = services.find(({ helmfile }) => path.endsWith("/" + helmfile));
  if (!service) continue;
  const releases = service.releases.map(({ name, namespace, chart, installed, needs }) => {
    return { name, namespace, chart, installed, needs, labels: { name, namespace, chart: basename(chart) } };
  });
  if (verb === "build") {
    const rest = "templates: {}\\nrenderedvalues: {}\\n";
    process.stdout.write("---\\n#  Source: " + path + "\\n\\nfilepath: helmfile.yaml\\nreleases: " + JSON.stringify(releases) + "\\n" + rest);
  }
  if (verb === "template") {
    const to = more[more.indexOf("--output-dir") + 1];
    for (const { name, namespace } of releases) {
      const rendered = join(process.env.MANIFESTS, namespace, name);
      if (existsSync(rendered)) cpSync(rendered, join(to, namespace, name), { recursive: true });
    }
  }
}
`;
