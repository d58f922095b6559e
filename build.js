// Builds dist/: the library as modules with types (tsc), and the command with the plugin as one bundle (esbuild).
// A build that fails leaves the one before in place.
import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync, renameSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { bundleOptions } from "./scripts/bundle-options.js";

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
await build(bundleOptions({ version, outdir: `${out}/bundle`, isSmall: true }));
chmodSync(path(`${out}/bundle/charlie-mediawiki.js`), 0o755);
rmSync(path("dist"), { recursive: true, force: true });
renameSync(path(out), path("dist"));
