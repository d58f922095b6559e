import { appendTo } from "../common/grouped-by.ts";
import { namespaceOf } from "../common/release.ts";
import type { RenderedRelease } from "./derived.ts";
import type { RenderedObject } from "./rendered-objects.ts";
import { variablesOfService } from "./service-variable.ts";

/** An object, the namespace that it lands in, and the release that makes it. */
export interface PlacedObject {
  readonly release: string;
  readonly namespace: string;
  readonly object: RenderedObject;
}

/** What all releases make, found by what others call it. */
export interface ProvidedObjects {
  readonly placed: readonly PlacedObject[];
  readonly namespaces: ReadonlySet<string>;
  find(namespace: string, kind: string, name: string): readonly PlacedObject[];
  /** The Services that give this variable to the pods of a namespace. */
  ofVariable(namespace: string, variable: string): readonly PlacedObject[];
}

export function provideObjects(releases: readonly RenderedRelease[]): ProvidedObjects {
  const placed = releases.flatMap(({ id, objects }) =>
    objects.map((object) => ({ release: id, namespace: object.namespace ?? namespaceOf(id), object })),
  );
  // One in the other: a key of all three would have to be put together for each object and each look.
  const byName = new Map<string, Map<string, Map<string, PlacedObject[]>>>();
  const byVariable = new Map<string, PlacedObject[]>();
  for (const one of placed) {
    const { namespace, object } = one;
    appendTo(below(below(byName, namespace), object.kind), object.name, one);
    if (object.service && object.service.why === undefined) {
      for (const variable of variablesOfService(object.name, object.service.ports))
        appendTo(byVariable, `${namespace} ${variable}`, one);
    }
  }
  return {
    placed,
    namespaces: new Set(placed.map(({ namespace }) => namespace)),
    find: (namespace, kind, name) => byName.get(namespace)?.get(kind)?.get(name) ?? [],
    ofVariable: (namespace, variable) => byVariable.get(`${namespace} ${variable}`) ?? [],
  };
}

function below<Value>(index: Map<string, Map<string, Value>>, key: string): Map<string, Value> {
  const known = index.get(key);
  if (known) return known;
  const made = new Map<string, Value>();
  index.set(key, made);
  return made;
}
