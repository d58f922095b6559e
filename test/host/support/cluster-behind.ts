import { readFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type FakeKubernetes, startFakeKubernetes } from "../../support/fake-kubernetes.ts";
import { helmRecord, type KubernetesObject, node, service } from "../../support/kubernetes-objects.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import type { ControlledHelmfile } from "./controlled-helmfile.ts";

/** A cluster that holds what the helmfile deployed, and a registry that leads to it. */
export interface ClusterBehind {
  readonly kubernetes: FakeKubernetes;
  /** The registry of the end-to-end tests, with this cluster's kubeconfig, and without a settle time. */
  readonly registryFile: string;
}

export interface ClusterBehindOptions {
  /** On top of a node. */
  readonly objects?: readonly KubernetesObject[];
  /** What a release brings when its helmfile has ended well. @default what {@link deployedBy} says */
  readonly brings?: (release: string) => readonly KubernetesObject[];
  /** The cluster's clock. @default the real time */
  readonly now?: () => Date;
  /** Top-level keys of the registry with another value, as YAML; one that it lacks is added. */
  readonly registry?: Readonly<Record<string, string>>;
}

/** Stopped when the test ends. */
export async function clusterBehind(
  helmfile: ControlledHelmfile,
  { objects = [], brings = deployedBy, registry = {}, ...clock }: ClusterBehindOptions = {},
): Promise<ClusterBehind> {
  let seen = 0;
  const kubernetes = await startFakeKubernetes({
    ...clock,
    objects: [node("node-1"), ...objects],
    onCall: () => {
      const ends = helmfile.ends();
      for (const end of ends.slice(seen)) kubernetes.put(...releasesOf(end).flatMap(brings));
      seen = ends.length;
    },
  });
  onTestFinished(() => kubernetes.stop());
  const { kubeconfigFile } = kubernetes;
  const registryFile = registryWith({
    ...{ kubeconfig: kubeconfigFile, readKubeconfig: kubeconfigFile, settleSeconds: "0" },
    ...registry,
  });
  return { kubernetes, registryFile };
}

/** A file like the registry of the end-to-end tests, with other values for some of its top-level keys. */
export function registryWith(values: Readonly<Record<string, string>>): string {
  let text = readFileSync("fixtures/e2e/registry.yaml", "utf8");
  for (const [key, value] of Object.entries(values)) {
    const entry = new RegExp(`^${key}:.*(\\n .*)*$`, "m");
    text = entry.test(text) ? text.replace(entry, `${key}: ${value}`) : `${text}\n${key}: ${value}\n`;
  }
  return join(temporaryFolder({ "registry.yaml": text }), "registry.yaml");
}

/** The record of a release, and the Service that its chart has. */
export function deployedBy(release: string): KubernetesObject[] {
  const [namespace, name] = release.split("/");
  const services = name === "prometheus" ? [service(`${namespace}/statsd-exporter-prometheus`)] : [];
  return [helmRecord(release), ...services];
}

/** What a helmfile that ended well has deployed; a whole service goes by its own name. */
function releasesOf(end: string): string[] {
  const [verb = "", key = "", exitCode] = end.split(" ");
  if (exitCode !== "0" || !["sync", "apply"].includes(verb)) return [];
  const [namespace = "", name = "main"] = key.split("_");
  return [`${namespace}/${name}`];
}
