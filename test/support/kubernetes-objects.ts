/** An object of the Kubernetes API, as much of it as the fake must know. */
export interface KubernetesObject {
  readonly kind: string;
  readonly metadata: ObjectMetadata;
  readonly [field: string]: unknown;
}

interface ObjectMetadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly creationTimestamp?: string;
  readonly [field: string]: unknown;
}

/** When the objects below were made, where a test does not say. */
export const longAgo = "2026-01-01T00:00:00Z";

/** A record of helm: its Secret, without the release in it. `namespace/name`. */
export function helmRecord(release: string, status = "deployed", revision = 1): KubernetesObject {
  const [namespace = "", name = ""] = release.split("/");
  return {
    kind: "Secret",
    metadata: {
      namespace,
      name: `sh.helm.release.v1.${name}.v${revision}`,
      labels: { owner: "helm", name, status, version: `${revision}` },
    },
    type: "helm.sh/release.v1",
    data: { release: "secret" },
  };
}

/** A Service with a cluster IP, as `namespace/name`; `undefined` where none was given to it yet. */
export function service(
  id: string,
  {
    clusterIP = "10.96.0.7",
    createdAt = longAgo,
  }: { clusterIP?: string | undefined; createdAt?: string } = {},
): KubernetesObject {
  const [namespace = "", name = ""] = id.split("/");
  return {
    kind: "Service",
    metadata: { namespace, name, creationTimestamp: createdAt },
    spec: { clusterIP, ports: [{ port: 9102 }] },
  };
}

export interface PodOptions {
  readonly release?: string;
  /** When its only container started. */
  readonly startedAt?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** On top of, or instead of, what a running pod has. */
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** A pod of a Deployment with one running container, `php`. */
export function pod(id: string, options: PodOptions = {}): KubernetesObject {
  const [namespace = "", name = ""] = id.split("/");
  const { release, startedAt = longAgo, labels, spec, status, metadata } = options;
  return {
    kind: "Pod",
    metadata: {
      namespace,
      name,
      creationTimestamp: longAgo,
      labels: { ...(release === undefined ? {} : { release }), ...labels },
      ...metadata,
    },
    spec: { containers: [{ name: "php", image: "php:1" }], ...spec },
    status: {
      phase: "Running",
      conditions: [{ type: "PodScheduled", status: "True" }],
      containerStatuses: [
        {
          name: "php",
          image: "php:1",
          imageID: "php:1",
          ready: true,
          restartCount: 0,
          state: { running: { startedAt } },
          lastState: {},
        },
      ],
      ...status,
    },
  };
}

/** A DaemonSet of a helm release that is where it should be. */
export function daemonSet(
  id: string,
  { release, status, spec }: { release: string; status?: object; spec?: object },
): KubernetesObject {
  const [namespace = "", name = ""] = id.split("/");
  return {
    kind: "DaemonSet",
    metadata: {
      namespace,
      name,
      generation: 1,
      labels: { release },
      annotations: { "meta.helm.sh/release-name": release, "meta.helm.sh/release-namespace": namespace },
    },
    spec: { updateStrategy: { type: "RollingUpdate" }, template: { spec: {} }, ...spec },
    status: {
      observedGeneration: 1,
      desiredNumberScheduled: 1,
      currentNumberScheduled: 1,
      numberReady: 1,
      numberMisscheduled: 0,
      updatedNumberScheduled: 1,
      ...status,
    },
  };
}

export function configMap(id: string, data: Readonly<Record<string, string>>): KubernetesObject {
  const [namespace = "", name = ""] = id.split("/");
  return { kind: "ConfigMap", metadata: { namespace, name }, data };
}

export function node(name: string, ready = true): KubernetesObject {
  return {
    kind: "Node",
    metadata: { name },
    status: { conditions: [{ type: "Ready", status: ready ? "True" : "False" }] },
  };
}

export function namespace(name: string): KubernetesObject {
  return { kind: "Namespace", metadata: { name } };
}

/** A warning about a pod. */
export function warning(
  id: string,
  { pod, reason, message }: { pod: string; reason: string; message: string },
): KubernetesObject {
  const [namespace = "", name = ""] = id.split("/");
  return {
    kind: "Event",
    metadata: { namespace, name },
    type: "Warning",
    involvedObject: { kind: "Pod", name: pod, namespace },
    reason,
    message,
  };
}
