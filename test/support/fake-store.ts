import type { KubernetesObject } from "./kubernetes-objects.ts";

/** What the path of a collection says: `/api/v1/namespaces/mw-web/pods`. */
export interface Collection {
  readonly kind: string;
  /** Undefined for all namespaces, and for kinds that have none. */
  readonly namespace: string | undefined;
}

export interface Change {
  readonly version: number;
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: KubernetesObject;
}

/** What a collection is called in paths, by kind. */
export const plurals: Readonly<Record<string, string>> = {
  Namespace: "/api/v1/namespaces",
  Node: "/api/v1/nodes",
  Pod: "/api/v1/pods",
  Service: "/api/v1/services",
  Secret: "/api/v1/secrets",
  ConfigMap: "/api/v1/configmaps",
  Event: "/api/v1/events",
  DaemonSet: "/apis/apps/v1/daemonsets",
};

export function apiVersionOf(kind: string): string {
  return kind === "DaemonSet" ? "apps/v1" : "v1";
}

/** The objects of the fake API server, and what became of them: as etcd keeps them. */
export class FakeStore {
  #version = 100;
  #oldest = 0;
  readonly #objects = new Map<string, KubernetesObject>();
  readonly #changes: Change[] = [];

  get version(): number {
    return this.#version;
  }

  /** Adds an object, or replaces the one of its kind and name; makes its namespace where it is not there. */
  put(object: KubernetesObject): void {
    const { namespace } = object.metadata;
    if (namespace !== undefined && !this.#objects.has(`Namespace//${namespace}`)) {
      this.put({ kind: "Namespace", metadata: { name: namespace } });
    }
    const key = keyOf(object);
    this.#record(this.#objects.has(key) ? "MODIFIED" : "ADDED", object, (versioned) =>
      this.#objects.set(key, versioned),
    );
  }

  remove(kind: string, id: string): void {
    const [name = "", namespace] = id.split("/").reverse();
    const key = keyOf({ kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } });
    const object = this.#objects.get(key);
    if (object === undefined) throw new Error(`there is no ${kind} ${id}`);
    this.#record("DELETED", object, () => this.#objects.delete(key));
  }

  /** By name, as the API lists them. */
  list({ kind, namespace }: Collection): KubernetesObject[] {
    return [...this.#objects.values()]
      .filter((object) => object.kind === kind)
      .filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace)
      .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  }

  find(collection: Collection, name: string): KubernetesObject | undefined {
    return this.list(collection).find(({ metadata }) => metadata.name === name);
  }

  /** What changed since a version; undefined where that is too long ago. */
  changesSince({ kind, namespace }: Collection, version: number): Change[] | undefined {
    if (version < this.#oldest) return undefined;
    return this.#changes
      .filter((change) => change.version > version && change.object.kind === kind)
      .filter(({ object }) => namespace === undefined || object.metadata.namespace === namespace);
  }

  /** As etcd does every few minutes: nobody can go on from before now. */
  compact(): void {
    this.#version += 1;
    this.#oldest = this.#version;
    this.#changes.length = 0;
  }

  #record(type: Change["type"], object: KubernetesObject, keep: (versioned: KubernetesObject) => void): void {
    this.#version += 1;
    const metadata = {
      creationTimestamp: "2026-01-01T00:00:00Z",
      ...object.metadata,
      resourceVersion: `${this.#version}`,
    };
    const versioned = { ...object, metadata };
    keep(versioned);
    this.#changes.push({ version: this.#version, type, object: versioned });
  }
}

function keyOf({ kind, metadata }: Pick<KubernetesObject, "kind" | "metadata">): string {
  return `${kind}/${metadata.namespace ?? ""}/${metadata.name}`;
}
