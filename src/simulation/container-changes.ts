import type { Cancel } from "./clock.ts";
import type { Container } from "./container.ts";

/** Tells those who look at a namespace of each change to one of its containers, at the moment of the change. */
export interface ContainerChanges {
  tell(container: Container): void;
  /** @returns what stops the listening. */
  listen(namespace: string, listener: ContainerListener): Cancel;
}

type ContainerListener = (container: Container) => void;

export function containerChanges(): ContainerChanges {
  const namespaces = new Map<string, Set<ContainerListener>>();
  return {
    tell: (container) => {
      for (const listener of namespaces.get(container.namespace) ?? []) listener(container);
    },
    listen: (namespace, listener) => {
      const listeners = namespaces.get(namespace) ?? new Set();
      namespaces.set(namespace, listeners.add(listener));
      return () => listeners.delete(listener);
    },
  };
}
