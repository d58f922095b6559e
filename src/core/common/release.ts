/** `namespace/name` of a release, unique within an environment; `/name` where helmfile gives no namespace. */
export type ReleaseId = string & { readonly brand: "ReleaseId" };

/** Whose a release is: `support` (others of its namespace need it first), `mediawiki` (scap's), or `other`. */
export const releaseClasses = ["support", "mediawiki", "other"] as const;
/** The class of a release: {@link releaseClasses}. */
export type ReleaseClass = (typeof releaseClasses)[number];

/** A helm release as a service's helmfile lists it for one environment. */
export interface Release {
  readonly id: ReleaseId;
  /** The directory of the helmfile, relative to the services directory. */
  readonly service: string;
  /** Empty where helmfile gives none: helm then takes the namespace of the kubeconfig. */
  readonly namespace: string;
  readonly name: string;
  /** As helmfile has it, for example `wmf-stable/mediawiki`. */
  readonly chart: string;
  /** False where it does not belong to this environment (`installed: false`, or a condition that does not hold). */
  readonly installed: boolean;
  readonly labels: Readonly<Record<string, string>>;
  /** Releases of the same helmfile that must be there first. */
  readonly needs: readonly ReleaseId[];
  /** The file that the helmfile hands to helm as `--kubeconfig`. */
  readonly kubeconfig?: string;
  /** The context of the kubeconfig that the helmfile names. */
  readonly kubeContext?: string;
  /** The program that helmfile runs as helm, where it is another one. @default "helm" */
  readonly helm?: string;
  /** Whether helm removes what failed. */
  readonly atomic?: boolean;
  /** How long helm waits, in seconds. */
  readonly timeout?: number;
}

/** A directory with a `helmfile.yaml`. */
export interface Service {
  /** Path of the directory, relative to the services directory. */
  readonly name: string;
  /** Path of its helmfile, relative to the services directory, or absolute. */
  readonly helmfile: string;
  readonly releases: readonly Release[];
}

/** A service that could not be read, and why. */
export interface UnreadableService {
  readonly service: string;
  readonly message: string;
  /** helmfile's exit code; absent where it did not end by itself. */
  readonly exitCode?: number;
}

/** All services of one environment, as helmfile lists them. The order is that of the services' names. */
export interface Tree {
  readonly environment: string;
  readonly services: readonly Service[];
  /** Services that have nothing in this environment. */
  readonly absent: readonly string[];
  readonly unreadable: readonly UnreadableService[];
}

/**
 * The id of a release.
 *
 * @example releaseId("mw-web", "main") // "mw-web/main"
 */
export function releaseId(namespace: string, name: string): ReleaseId {
  return `${namespace}/${name}` as ReleaseId;
}

/** The namespace of a release's id; empty where helmfile gives none. */
export function namespaceOf(id: string): string {
  return id.slice(0, Math.max(0, id.indexOf("/")));
}

/** The name in the id of a release. */
export function nameOf(id: string): string {
  return id.slice(id.indexOf("/") + 1);
}

/** The namespaces of these releases, each once; those that are not known are left out. */
export function namespacesOfReleases(ids: readonly string[]): string[] {
  return [...new Set(ids.map(namespaceOf))].filter((name) => name !== "");
}

/** The namespace that a service whose releases are not known is taken for: most are called as theirs. It may lie in folders. */
export function namespaceOfService(service: string): string {
  return service.slice(service.lastIndexOf("/") + 1);
}

/** The last path segment of a chart: `mediawiki` of `wmf-stable/mediawiki`, as helmfile's own label `chart` has it. */
export function chartName(chart: string): string {
  let end = chart.length;
  // Not `/\/+$/`, which takes minutes where many slashes stand before something else.
  while (chart[end - 1] === "/") end--;
  const path = chart.slice(0, end);
  return path.slice(path.lastIndexOf("/") + 1);
}

const dnsLabel = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const releaseName = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;
const environmentName = /^[A-Za-z0-9]([-A-Za-z0-9._]*[A-Za-z0-9])?$/;

/** A DNS label (RFC 1123), as Kubernetes wants of a namespace. */
export function isNamespaceName(text: string): boolean {
  return text.length <= 63 && dnsLabel.test(text);
}

/** What helm takes as the name of a release: at most 53 characters of a DNS subdomain. */
export function isReleaseName(text: string): boolean {
  return text.length <= 53 && releaseName.test(text);
}

/** A name or a path of what calls itself helm (`helm3`, `/usr/bin/helm3.17`), plain enough for a command line. */
export function isHelmProgram(text: string): boolean {
  const [first = "", ...others] = text.split("/");
  const program = others.at(-1) ?? first;
  const folders = others.length === 0 ? [] : [...(first === "" ? [] : [first]), ...others.slice(0, -1)];
  return (
    text.length <= 255 &&
    /^helm[\w.-]*$/.test(program) &&
    folders.every((name) => /^[\w.][\w.-]*$/.test(name))
  );
}

/** What may follow `--environment` on a command line: begins with a letter or digit, has no separators. */
export function isEnvironmentName(text: string): boolean {
  return text.length <= 63 && environmentName.test(text);
}

/** A relative path of plain segments: what may stand in a command line or in a generated file unquoted. */
export function isServiceName(text: string): boolean {
  return /^[A-Za-z0-9_][-A-Za-z0-9._]*(\/[A-Za-z0-9_][-A-Za-z0-9._]*)*$/.test(text);
}
