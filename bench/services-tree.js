// A folder of helmfiles of the shape of Wikimedia's.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { outputOf } from "./measure.js";
import { support, writeCharts } from "./service-charts.js";

/** How many releases each service has: 67 services, 153 releases, distributed as in Wikimedia's tree. */
const releaseCounts = [15, 11, 6, 5, 5, ...repeat(4, 4), ...repeat(3, 4), ...repeat(2, 29), ...repeat(1, 25)];

const environments = ["eqiad", "codfw", "staging"];

export const environment = "eqiad";

/** What the command gives to helmfile too, so that all do the same work. */
export const helmfileEnvironment = {
  ...process.env,
  HELMFILE_RENDER_YAML: "true",
  HELMFILE_UPGRADE_NOTICE_DISABLED: "true",
  SUPPRESS_SAL: "true",
};

/** Services with so many releases are MediaWiki's, where there are charts. */
const fewestOfMediaWiki = 4;

/**
 * Writes the tree into a folder. Its charts are those of a repository that nobody needs for reading; for rendering,
 * there are others `withCharts`, in the folder.
 *
 * @param {string} folder which exists and is empty
 * @param {{ withCharts?: boolean }} [options]
 * @returns {{ servicesDir: string, helmfiles: string[], releases: number }} the helmfiles' absolute paths
 */
export function writeServicesTree(folder, { withCharts = false } = {}) {
  if (withCharts) writeCharts(join(folder, "charts"));
  const servicesDir = join(folder, "services");
  mkdirSync(join(folder, "global"));
  writeFileSync(join(folder, "global/general.yaml"), sharedValues());
  const helmfiles = releaseCounts.map((count, at) => {
    const name = `service-${String(at + 1).padStart(2, "0")}`;
    const directory = join(servicesDir, name);
    mkdirSync(directory, { recursive: true });
    writeFileSync(
      join(directory, "values.yaml"),
      `main_app:\n  image: repos/${name}\n  port: ${8000 + at}\n`,
    );
    const isMediaWiki = count >= fewestOfMediaWiki;
    if (withCharts && isMediaWiki)
      writeFileSync(join(directory, `values-${support}.yaml`), "exporter: { enabled: true }\n");
    const own = `../../charts/${isMediaWiki ? "mediawiki" : "web"}`;
    const helmfile = join(directory, "helmfile.yaml");
    writeFileSync(helmfile, helmfileOf(name, count, withCharts ? own : `wmf-stable/${name}`));
    return helmfile;
  });
  return { servicesDir, helmfiles, releases: releaseCounts.reduce((sum, count) => sum + count, 0) };
}

/** A hundred lines that every helmfile reads. */
function sharedValues() {
  const ports = Array.from({ length: 48 }, (_, at) => `  listener-${at}:\n    port: ${6000 + at}`);
  return [
    "docker:",
    "  registry: docker-registry.example.org",
    "kubernetesMasters:",
    "  cidrs: [10.2.1.8/32]",
    "listeners:",
    ...ports,
  ].join("\n");
}

/** As in Wikimedia's tree: which releases an environment has is in its values, and decides what is installed. */
function helmfileOf(/** @type {string} */ name, /** @type {number} */ count, /** @type {string} */ chart) {
  const releases = Array.from({ length: count }, (_, at) => (at === 0 ? "main" : `release-${at}`));
  // Of two releases the second is staging's own, as in most services with two.
  const inProduction = count === 2 ? ["main"] : releases;
  const environmentLines = environments.flatMap((environment) => [
    `  ${environment}:`,
    "    values:",
    `      - releases: [${(environment === "staging" ? [releases.at(-1)] : inProduction).join(", ")}]`,
  ]);
  const releaseLines = releases.map((release) => `  - name: ${release}\n    <<: *default`);
  return `environments:
${environmentLines.join("\n")}

---
{{- $general := readFile "../../global/general.yaml" | fromYaml }}
helmDefaults:
  createNamespace: false
  atomic: true
  timeout: 600
  args:
    - --kubeconfig
    - {{ printf "/etc/kubernetes/%s-deploy-%s.config" "${name}" .Environment.Name }}

templates:
  default: &default
    namespace: ${name}
    chart: ${chart}
    installedTemplate: "{{\`{{ has .Release.Name .Environment.Values.releases }}\`}}"
    missingFileHandler: Debug
    values:
      - ../../global/general.yaml
      - values.yaml
      - values-{{ .Environment.Name }}.yaml
      - values-{{\`{{ .Release.Name }}\`}}.yaml
      - docker:
          registry: {{ $general.docker.registry }}

releases:
${releaseLines.join("\n")}
`;
}

/** @returns {number[]} */
function repeat(/** @type {number} */ value, /** @type {number} */ times) {
  return new Array(times).fill(value);
}

/**
 * Measures in a folder that goes afterwards, where there is a helmfile.
 *
 * @param {(folder: string) => Promise<import("./finding.js").Finding[]>} measure
 * @returns {ReturnType<import("./finding.js").Benchmark>}
 */
export async function withHelmfile(measure) {
  const version = await outputOf("helmfile", ["--version"]).catch(() => undefined);
  if (version === undefined) return { skipped: "helmfile is not on PATH: nothing was measured" };
  const folder = mkdtempSync(join(tmpdir(), "charlie-mediawiki-bench-"));
  try {
    return { findings: await measure(folder) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
