import { execFile } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, delimiter, dirname, join } from "node:path";
import type { Service } from "../../../src/core/common/release.ts";
import type { RolloutEvent } from "../../../src/core/rollout/events.ts";
import { parseInventory, renderInventory } from "../../../src/core/tree/inventory.ts";
import { journalText } from "../../core/support/journal-text.ts";
import type { Ended } from "../../host/support/in-process.ts";
import { eqiadRequests } from "../../support/eqiad-requests.ts";
import type { FakeKubernetes } from "../../support/fake-kubernetes.ts";
import { plan, step } from "../../support/plan.ts";
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
  /** It holds the journal of a run, {@link runName}, which is also a file at hand. */
  readonly stateFolder: string;
}

/** As the docs name it. */
const runName = "codfw-20261005T110000Z-42";

const fixture = (name: string) => join(repository, "fixtures", name);

/** For a test: it is removed with it. */
export function docsWorld(program: string, kubernetes: FakeKubernetes): DocsWorld {
  const folder = temporaryFolder({ "registry.yaml": registryFor(kubernetes.kubeconfigFile) });
  const inventory = readFileSync(fixture("inventories/services-eqiad.json"), "utf8");
  const tree = parseInventory({ file: "services-eqiad.json", text: inventory });
  if (!tree.ok) throw new Error("the inventory has faults");
  const putService = (helmfile: string, built: (file: string) => string) => {
    const file = join(folder, "services", helmfile);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, "environments: { eqiad: {}, codfw: {} }\n");
    writeFileSync(join(dirname(file), "build.yaml"), built(file));
  };
  for (const service of tree.value.services) putService(service.helmfile, (file) => builtFrom(service, file));
  // It has nothing here, and is left out by name.
  putService("cirrus-streaming-updater/helmfile.yaml", () => "");
  writeFileSync(join(folder, "eqiad.json"), inventory);
  const rendered = tree.value.services.map(({ releases, ...service }) => ({
    ...service,
    releases: releases.filter(({ namespace, name }) => existsSync(fixture(`manifests/${namespace}/${name}`))),
  }));
  writeFileSync(join(folder, "rendered.json"), renderInventory({ ...tree.value, services: rendered }));
  cpSync(fixture("e2e/deployments.yaml"), join(folder, "deployments.yaml"));
  cpSync(fixture("e2e/deployments.yaml"), join(folder, "mediawiki-deployments.yaml"));
  writeFileSync(join(folder, "request.json"), JSON.stringify(eqiadRequests["rollout:plan"]));
  writeFileSync(join(folder, `${runName}.ndjson`), journal());
  mkdirSync(join(folder, "state/runs"), { recursive: true });
  cpSync(join(folder, `${runName}.ndjson`), join(folder, "state/runs", `${runName}.ndjson`));
  cpSync(fixture("manifests"), join(folder, "rendered"), { recursive: true });
  const bin = join(folder, "bin");
  mkdirSync(bin);
  const put = (name: string, text: string) => {
    writeFileSync(join(bin, name), text);
    chmodSync(join(bin, name), 0o755);
  };
  put("charlie-mediawiki", `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@" $FLAGS\n`);
  put("npx", '#!/bin/sh\nexec "$@"\n');
  put("helmfile", helmfile);
  const path = [bin, process.env.PATH].join(delimiter);
  const env = { PATH: path, HOME: folder, MANIFESTS: fixture("manifests") };
  return {
    servicesDir: join(folder, "services"),
    renderedInventory: join(folder, "rendered.json"),
    registryFile: join(folder, "registry.yaml"),
    stateFolder: join(folder, "state"),
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

function journal(): string {
  const rollout = { ...plan([step("a")]), environment: "codfw" };
  const events: RolloutEvent[] = [{ type: "rollout-started", plan: rollout, jobs: 1 }];
  return journalText(events, { plan: rollout, header: { run: runName, environment: "codfw" } });
}

function registryFor(kubeconfig: string): string {
  return readFileSync(join(repository, "registry.yaml"), "utf8")
    .replace(/^lockFolder:.*\n/m, "")
    .replace(/^(kubeconfig|readKubeconfig): .*$/gm, `$1: ${kubeconfig}`);
}

/** What `helmfile build` prints for a service. */
function builtFrom({ releases }: Service, file: string): string {
  const listed = releases.map(({ name, namespace, chart, installed, needs }) => {
    const labels = { name, namespace, chart: basename(chart) };
    return { name, namespace, chart, installed, needs, labels };
  });
  const rest = "templates: {}\nrenderedvalues: {}\n";
  return `---\n#  Source: ${file}\n\nfilepath: helmfile.yaml\nreleases: ${JSON.stringify(listed)}\n${rest}`;
}

/** Lists the same in every environment, renders what was recorded, and finds no change anywhere. */
const helmfile = `#!/bin/sh
case " $* " in
*" build "*)
  case "$2" in
  */services-*) sed -n 's/^ *- path: "\\(.*\\)helmfile.yaml"$/\\1build.yaml/p' "$2" | xargs cat ;;
  *) cat "\${2%helmfile.yaml}build.yaml" ;;
  esac ;;
*" template "*)
  for word; do
    [ "$before" = --output-dir ] && to=$word
    before=$word
  done
  for word; do
    case "$word" in
    namespace=*,name=*)
      namespace=\${word#namespace=}
      release=\${namespace%%,*}/\${word##*,name=}
      [ -d "$MANIFESTS/$release" ] || continue
      mkdir -p "$to/\${release%/*}"
      cp -R "$MANIFESTS/$release" "$to/$release" ;;
    esac
  done ;;
esac
exit 0
`;
