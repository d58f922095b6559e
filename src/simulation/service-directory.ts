import type { ReleaseId } from "../core/release.ts";

/** A Service of a namespace. */
export interface ClusterService {
  readonly name: string;
  /** The release that made it. */
  readonly release: ReleaseId;
  readonly createdAt: number;
}

/** The Services of all namespaces, as kubelets know them now. */
export interface ServiceDirectory {
  /** What exists in the namespace at this moment. The value never changes: a later call gives a new one. */
  in(namespace: string): readonly ClusterService[];
  add(namespace: string, service: ClusterService): void;
  /** Takes away what the release made. */
  removeOf(namespace: string, release: ReleaseId): void;
}

const none: readonly ClusterService[] = [];

export function serviceDirectory(): ServiceDirectory {
  const namespaces = new Map<string, readonly ClusterService[]>();
  const current = (namespace: string): readonly ClusterService[] => namespaces.get(namespace) ?? none;
  return {
    in: current,
    // Copied on change, so that the containers of a namespace can share what they saw at their start.
    add: (namespace, service) => {
      const others = current(namespace).filter(({ name }) => name !== service.name);
      namespaces.set(namespace, [...others, service]);
    },
    removeOf: (namespace, release) => {
      const rest = current(namespace).filter((service) => service.release !== release);
      if (rest.length === 0) namespaces.delete(namespace);
      else namespaces.set(namespace, rest);
    },
  };
}
