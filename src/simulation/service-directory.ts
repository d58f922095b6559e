import type { ReleaseId } from "../core/common/release.ts";
import type { Clock } from "./clock.ts";

/** A Service of a namespace. One that is made anew is another one, with another address. */
export interface ClusterService {
  readonly name: string;
  /** The release that made it. */
  readonly release: ReleaseId;
  readonly clusterIp: string;
  /** When it came to be in the API. */
  readonly createdAt: number;
  /** When kubelets learn of it: only containers that start from then on get its variables. */
  readonly knownAt: number;
}

export interface NewService {
  readonly namespace: string;
  readonly name: string;
  readonly release: ReleaseId;
  /** How long kubelets take to learn of it. */
  readonly lagMs: number;
}

/**
 * The Services of all namespaces, as the API has them and as kubelets know them: those see what is new through a
 * cache that lags (https://github.com/kubernetes/kubernetes/issues/127463). What is gone they forget at once here.
 */
export interface ServiceDirectory {
  /** What exists in the namespace at this moment. The value never changes: a later call gives a new one. */
  existing(namespace: string): readonly ClusterService[];
  /** Of those, what kubelets know of at this moment. */
  known(namespace: string): readonly ClusterService[];
  create(service: NewService): void;
  /**
   * Takes the Service away and makes it anew at the same moment.
   *
   * @throws Error if there is none of that name.
   */
  recreate(namespace: string, name: string): void;
  /** @throws Error if there is none of that name. */
  remove(namespace: string, name: string): void;
  /** Takes away what the release made. */
  removeOf(namespace: string, release: ReleaseId): void;
}

const none: readonly ClusterService[] = [];

export function serviceDirectory(clock: Clock): ServiceDirectory {
  const namespaces = new Map<string, readonly ClusterService[]>();
  let created = 0;
  const existing = (namespace: string): readonly ClusterService[] => namespaces.get(namespace) ?? none;

  function create({ namespace, name, release, lagMs }: NewService): void {
    const createdAt = clock.now();
    const service = { name, release, clusterIp: address(created++), createdAt, knownAt: createdAt + lagMs };
    namespaces.set(namespace, [...existing(namespace).filter((other) => other.name !== name), service]);
  }

  function keep(namespace: string, stays: (service: ClusterService) => boolean): void {
    const rest = existing(namespace).filter(stays);
    if (rest.length === 0) namespaces.delete(namespace);
    else namespaces.set(namespace, rest);
  }

  function named(namespace: string, name: string): ClusterService {
    const service = existing(namespace).find((one) => one.name === name);
    if (service === undefined) throw new Error(`there is no Service ${namespace}/${name}`);
    return service;
  }

  return {
    existing,
    known: (namespace) => {
      const services = existing(namespace);
      const isKnown = ({ knownAt }: ClusterService): boolean => knownAt <= clock.now();
      // Mostly all are: then the containers of a namespace share what they saw at their start.
      return services.every(isKnown) ? services : services.filter(isKnown);
    },
    create,
    recreate: (namespace, name) => {
      const { release, createdAt, knownAt } = named(namespace, name);
      create({ namespace, name, release, lagMs: knownAt - createdAt });
    },
    remove: (namespace, name) => {
      const service = named(namespace, name);
      keep(namespace, (one) => one !== service);
    },
    removeOf: (namespace, release) => keep(namespace, (service) => service.release !== release),
  };
}

/** Addresses are not given twice. */
function address(index: number): string {
  return `10.${96 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`;
}
