// The command with the plugin as one bundle, as the package has it; tests make one of the sources as they are.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const path = (/** @type {string} */ relative) => fileURLToPath(new URL(`../${relative}`, import.meta.url));

/**
 * Bundles `charlie-mediawiki.js` and `plugin.js` into a folder.
 *
 * @param {{ outdir: string, version: string, write?: boolean }} options `write`: false to see only what would be written
 * @returns {Promise<import("esbuild").Metafile>} what is in each file, by paths from the folder of this repository
 */
export async function bundle({ outdir, version, write = true }) {
  const { metafile } = await build({
    outdir,
    write,
    metafile: true,
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
    },
    // yaml's own build for Node is CommonJS; its ES module build is the same code and can be bundled in part.
    plugins: [togetherAtStart, commander, kubernetesClient],
    alias: { yaml: path("node_modules/yaml/browser/index.js") },
    // execa and commander have CommonJS parts, which call require() for Node's own modules.
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
  });
  return metafile;
}

/**
 * Where modules are shared, esbuild makes a file for each set of modules loaded later that share them: dozens, and reading
 * them is a good part of what `list` takes. So whatever is loaded later names what is loaded by then anyway: one file for
 * what help needs, and one for what every verb needs besides.
 */
const togetherAtStart = {
  name: "together-at-start",
  setup(/** @type {import("esbuild").PluginBuild} */ { onLoad, onResolve }) {
    const first = [
      "host/command-line.ts",
      "host/current-folder.ts",
      "host/interruption.ts",
      "io/terminal.ts",
    ];
    const next = ["host/start-verb.ts", "plugin.ts"];
    const [begin, start] = [first, next].map((names) => names.map((name) => path(`src/${name}`)));
    onResolve({ filter: /^\.{1,2}\// }, ({ path: name, resolveDir, kind }) => {
      const file = join(resolveDir, name);
      return kind === "dynamic-import" && !start.includes(file)
        ? { path: file, pluginData: "later" }
        : undefined;
    });
    onLoad({ filter: /\.ts$/ }, async ({ path: file, pluginData }) => {
      if (pluginData !== "later" && !start.includes(file)) return undefined;
      const named = [...begin, ...start].filter((one) => one !== file);
      const imports = named.map((one) => `import ${JSON.stringify(one)};\n`).join("");
      return { contents: `${await readFile(file, "utf8")}\n${imports}`, loader: "ts" };
    });
  },
};

/** It starts programs only for verbs that are programs of their own, of which there are none here; and every verb loads it. */
const commander = {
  name: "commander",
  setup(/** @type {import("esbuild").PluginBuild} */ { onLoad, onResolve }) {
    onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      /[/\\]node_modules[/\\]commander[/\\]/.test(importer)
        ? { path: "nothing", namespace: "of-commander" }
        : undefined,
    );
    onLoad({ filter: /.*/, namespace: "of-commander" }, () => ({ contents: "module.exports = {}" }));
  },
};

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
