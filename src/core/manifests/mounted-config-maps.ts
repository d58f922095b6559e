import { childOf, descendantOf, itemsOf, type ManifestNode, wordOf } from "./manifest-tree.ts";

/** The ConfigMaps whose text a container finds in its files; absent `keys`: all of them. */
export function mountedConfigMaps(
  container: ManifestNode,
  volumes: readonly ManifestNode[],
): { readonly name: string; readonly keys?: readonly string[] }[] {
  const mounts = itemsOf(childOf(container, "volumeMounts"));
  return volumes.flatMap((volume) => {
    const name = wordOf(childOf(volume, "name"));
    const own = mounts.filter((mount) => name !== undefined && wordOf(childOf(mount, "name")) === name);
    if (own.length === 0) return [];
    const paths = mountedPaths(own);
    const sources = [volume, ...itemsOf(descendantOf(volume, "projected", "sources"))];
    return sources.flatMap((source) => readOf(childOf(source, "configMap"), paths));
  });
}

/** Which files of a volume are mounted; undefined: all of them, or nobody knows which. */
function mountedPaths(mounts: readonly ManifestNode[]): readonly string[] | undefined {
  const paths = mounts.flatMap((mount) => wordOf(childOf(mount, "subPath")) ?? []);
  return paths.length === mounts.length ? paths : undefined;
}

function readOf(
  source: ManifestNode | undefined,
  paths: readonly string[] | undefined,
): { readonly name: string; readonly keys?: readonly string[] }[] {
  const name = wordOf(childOf(source, "name"));
  if (name === undefined) return [];
  const items = itemsOf(childOf(source, "items")).flatMap((item) => {
    const key = wordOf(childOf(item, "key"));
    return key === undefined ? [] : [{ key, path: wordOf(childOf(item, "path")) ?? key }];
  });
  if (items.length === 0) return [{ name, ...(paths ? { keys: paths } : {}) }];
  const mounted = items.filter(
    ({ path }) => !paths || paths.some((one) => path === one || path.startsWith(`${one}/`)),
  );
  return [{ name, keys: mounted.map(({ key }) => key) }];
}
