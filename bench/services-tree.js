// A folder of helmfiles of the shape of Wikimedia's.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** How many releases each service has: 67 services, 153 releases, distributed as in Wikimedia's tree. */
const releaseCounts = [15, 11, 6, 5, 5, ...repeat(4, 4), ...repeat(3, 4), ...repeat(2, 29), ...repeat(1, 25)];

const environments = ["eqiad", "codfw", "staging"];

export const environment = "eqiad";

/**
 * Writes the tree into a folder.
 *
 * @param {string} folder which exists and is empty
 * @returns {{ servicesDir: string, helmfiles: string[], releases: number }} the helmfiles' absolute paths
 */
export function writeServicesTree(folder) {
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
    const helmfile = join(directory, "helmfile.yaml");
    writeFileSync(helmfile, helmfileOf(name, count));
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
    ...ports,
  ].join("\n");
}

/** As in Wikimedia's tree: which releases an environment has is in its values, and decides what is installed. */
function helmfileOf(/** @type {string} */ name, /** @type {number} */ count) {
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
    chart: wmf-stable/${name}
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
