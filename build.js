// Builds dist/: the library as modules with types (tsc), and the command with the plugin as one bundle (esbuild).
// A build that fails leaves the one before in place.
import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync, renameSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const { version } = JSON.parse(readFileSync(path("package.json"), "utf8"));

const out = `dist-${process.pid}`;
process.on("exit", () => rmSync(path(out), { recursive: true, force: true }));
const compiler = [
  path("node_modules/typescript/bin/tsc"),
  "-p",
  path("tsconfig.build.json"),
  "--outDir",
  path(out),
];
const { status } = spawnSync(process.execPath, compiler, { stdio: "inherit" });
if (status !== 0) process.exit(1);
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

await build({
  absWorkingDir: path("."),
  entryPoints: { "charlie-mediawiki": "src/host/main.ts", plugin: "src/plugin.ts" },
  outdir: `${out}/bundle`,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  minify: true,
  legalComments: "linked",
  define: { "process.env.CHARLIE_MEDIAWIKI_VERSION": JSON.stringify(version) },
  // yaml's own build for Node is CommonJS; its ES module build is the same code and can be bundled in part.
  plugins: [kubernetesClient],
  alias: { yaml: path("node_modules/yaml/browser/index.js") },
  // execa and commander have CommonJS parts, which call require() for Node's own modules.
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
});
chmodSync(path(`${out}/bundle/charlie-mediawiki.js`), 0o755);
rmSync(path("dist"), { recursive: true, force: true });
renameSync(path(out), path("dist"));
