import { type Collection, plurals } from "./fake-store.ts";
import type { KubernetesObject } from "./kubernetes-objects.ts";

const pathPattern =
  /^\/(?<api>api\/v1|apis\/apps\/v1)(?:\/namespaces\/(?<namespace>[^/]+))?\/(?<plural>[a-z]+)(?:\/(?<name>[^/]+)(?<log>\/log)?)?$/;

/** What a path asks for; undefined for none of those that the fake knows. */
export function parsePath(
  path: string,
):
  | { readonly collection: Collection; readonly name?: string | undefined; readonly isLog: boolean }
  | undefined {
  const one = /^\/api\/v1\/namespaces\/(?<name>[^/]+)$/.exec(path)?.groups?.name;
  if (one !== undefined) {
    const collection = { kind: "Namespace", namespace: undefined };
    return { collection, name: decodeURIComponent(one), isLog: false };
  }
  const { api, namespace, plural, name, log } = pathPattern.exec(path)?.groups ?? {};
  const [kind] = Object.entries(plurals).find(([, full]) => full === `/${api}/${plural}`) ?? [];
  if (kind === undefined) return undefined;
  return {
    collection: { kind, namespace: namespace === undefined ? undefined : decodeURIComponent(namespace) },
    name: name === undefined ? undefined : decodeURIComponent(name),
    isLog: log !== undefined,
  };
}

/** Of labels and fields, the form `a=b,c=d`. */
export function selector(query: URLSearchParams): (object: KubernetesObject) => boolean {
  const pairs = (text: string | null) =>
    (text ?? "").split(",").flatMap((pair) => {
      const [key = "", value = ""] = pair.split("=");
      return key === "" ? [] : [[key, value] as const];
    });
  const labels = pairs(query.get("labelSelector"));
  const fields = pairs(query.get("fieldSelector"));
  return (object) =>
    labels.every(([key, value]) => object.metadata.labels?.[key] === value) &&
    fields.every(([key, value]) => object[key] === value);
}
