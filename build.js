// Builds dist/: the library as modules with types (tsc), and the command with the plugin as one bundle (esbuild).
import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const { version } = JSON.parse(readFileSync(path("package.json"), "utf8"));

rmSync(path("dist"), { recursive: true, force: true });
execFileSync(process.execPath, [path("node_modules/typescript/bin/tsc"), "-p", path("tsconfig.build.json")], {
  stdio: "inherit",
});
await build({
  absWorkingDir: path("."),
  entryPoints: { "charlie-mediawiki": "src/host/main.ts", plugin: "src/plugin.ts" },
  outdir: "dist/bundle",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  minify: true,
  legalComments: "linked",
  define: { "process.env.CHARLIE_MEDIAWIKI_VERSION": JSON.stringify(version) },
  // yaml's own build for Node is CommonJS; its ES module build is the same code and can be bundled in part.
  alias: { yaml: path("node_modules/yaml/browser/index.js") },
  // execa, commander and picomatch have CommonJS parts, which call require() for Node's own modules.
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
});
chmodSync(path("dist/bundle/charlie-mediawiki.js"), 0o755);
