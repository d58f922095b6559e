// The command with the plugin as one bundle, as the package has it; tests make one of the sources as they are.
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const path = (/** @type {string} */ relative) => fileURLToPath(new URL(`../${relative}`, import.meta.url));

/** Bundles `charlie-mediawiki.js` and `plugin.js` into a folder. */
export async function bundle(/** @type {{ outdir: string, version: string }} */ { outdir, version }) {
  await build({
    outdir,
    absWorkingDir: path("."),
    entryPoints: { "charlie-mediawiki": "src/host/main.ts", plugin: "src/plugin.ts" },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    minify: true,
    legalComments: "linked",
    define: {
      "process.env.CHARLIE_MEDIAWIKI_VERSION": JSON.stringify(version),
      // write-file-atomic makes part of the names of its temporary files of it.
      __filename: JSON.stringify("charlie-mediawiki"),
    },
    // yaml's own build for Node is CommonJS; its ES module build is the same code and can be bundled in part.
    plugins: [kubernetesClient],
    alias: { yaml: path("node_modules/yaml/browser/index.js") },
    // execa and commander have CommonJS parts, which call require() for Node's own modules.
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
  });
}

/**
 * The Kubernetes client does not say that its modules do nothing but define things: without this, hundreds of models that
 * nobody uses are loaded with the few hundred lines that read a kubeconfig.
 */
const kubernetesClient = {
  name: "kubernetes-client",
  setup(/** @type {import("esbuild").PluginBuild} */ { onLoad, onResolve, resolve }) {
    // It is there for calls that are not made here, and brings tables of international names of 260 KB.
    onResolve({ filter: /^node-fetch$/ }, () => ({ path: "node-fetch", namespace: "of-node" }));
    onLoad({ filter: /.*/, namespace: "of-node" }, () => ({
      // Not those of globalThis: to name them is to load all of Node's fetch.
      contents:
        "export default undefined; export class Headers {} export class AbortError {} export class FetchError {}",
    }));
    onResolve({ filter: /.*/ }, async ({ path: name, importer, resolveDir, kind, pluginData }) => {
      if (name === "node-fetch") return undefined;
      const isOfClient = /@kubernetes[/\\]client-node/.test(`${name} ${importer}`);
      if (!isOfClient || pluginData === "resolved") return undefined;
      const found = await resolve(name, { resolveDir, kind, importer, pluginData: "resolved" });
      return found.errors.length > 0
        ? found
        : { path: found.path, external: found.external, sideEffects: false };
    });
  },
};
