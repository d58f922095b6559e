/** Something that a pod cannot start without, as a message of kubelet or of the API server names it. */
export interface MissingObject {
  /** For example `ConfigMap`. */
  readonly kind: string;
  readonly name: string;
  /** It is there, but has no such key. */
  readonly key?: string;
}

const kinds = new Map(
  ["ConfigMap", "Secret", "PersistentVolumeClaim", "ServiceAccount"].map((kind) => [
    kind.toLowerCase(),
    kind,
  ]),
);

/** The ConfigMaps, Secrets and the like that a message says are not there. */
export function missingObjectsIn(message: string): MissingObject[] {
  const absent = [...message.matchAll(notFound)].flatMap(([, kind = "", name = ""]) => {
    const proper = kinds.get(kind.toLowerCase());
    return proper === undefined ? [] : [{ kind: proper, name }];
  });
  const keys = [...message.matchAll(noKey)].flatMap(([, key = "", kind = "", name = ""]) => {
    const proper = kinds.get(kind.toLowerCase());
    return proper === undefined ? [] : [{ kind: proper, name, key }];
  });
  return [...absent, ...keys];
}

// https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/kubelet_pods.go says the second.
const notFound = /\b(configmap|secret|persistentvolumeclaim|serviceaccount)s? "([^"\s]{1,253})" not found/gi;
const noKey = /couldn't find key (\S{1,253}) in (configmap|secret) (?:[^\s/]{1,63}\/)?([^\s/,;:"]{1,253})/gi;
