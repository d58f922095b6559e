// How the command and the plugin become one bundle: for build.js, and for the tests that build one of their own.
import { fileURLToPath } from "node:url";

const path = (relative) => fileURLToPath(new URL(`../${relative}`, import.meta.url));

/**
 * It is there for calls that are not made here, brings tables of international names of 260 KB, and has newer versions of
 * Node warn of what it uses.
 */
const withoutNodeFetch = {
  name: "without-node-fetch",
  setup(/** @type {import("esbuild").PluginBuild} */ { onLoad, onResolve }) {
    onResolve({ filter: /^node-fetch$/ }, () => ({ path: "node-fetch", namespace: "of-node" }));
    onLoad({ filter: /.*/, namespace: "of-node" }, () => ({
      // Not those of globalThis: to name them is to load all of Node's fetch.
      contents:
        "export default undefined; export class Headers {} export class AbortError {} export class FetchError {}",
    }));
  },
};

/**
 * The Kubernetes client does not say that its modules do nothing but define things: without this, hundreds of models that
 * nobody uses are loaded with the few hundred lines that read a kubeconfig.
 */
const kubernetesClient = {
  name: "kubernetes-client",
  setup(/** @type {import("esbuild").PluginBuild} */ { onResolve, resolve }) {
    onResolve({ filter: /.*/ }, async ({ path: name, importer, resolveDir, kind, pluginData }) => {
      const isOfClient = /@kubernetes[/\\]client-node/.test(`${name} ${importer}`);
      if (!isOfClient || pluginData === "resolved") return undefined;
      const found = await resolve(name, { resolveDir, kind, importer, pluginData: "resolved" });
      return found.errors.length > 0
        ? found
        : { path: found.path, external: found.external, sideEffects: false };
    });
  },
};

/** Where the bundle goes, and whether it is worth some seconds more that it is small. */
export function bundleOptions({ version, outdir, isSmall }) {
  return {
    absWorkingDir: path("."),
    entryPoints: { "charlie-mediawiki": "src/host/main.ts", plugin: "src/plugin.ts" },
    outdir,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    minify: true,
    legalComments: "linked",
    define: { "process.env.CHARLIE_MEDIAWIKI_VERSION": JSON.stringify(version) },
    // yaml's own build for Node is CommonJS; its ES module build is the same code and can be bundled in part.
    plugins: [withoutNodeFetch, ...(isSmall ? [kubernetesClient] : [])],
    alias: { yaml: path("node_modules/yaml/browser/index.js") },
    // execa and commander have CommonJS parts, which call require() for Node's own modules.
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
  };
}
