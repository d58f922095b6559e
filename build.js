// Builds dist/: the library as modules with types (tsc), and the command with the plugin as one bundle (esbuild).
// A build that fails leaves the one before in place.
import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bundle } from "./scripts/bundle.js";
import { thirdPartyNotices } from "./scripts/third-party-notices.js";

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
const metafile = await bundle({ outdir: path(`${out}/bundle`), version });
writeFileSync(path(`${out}/bundle/THIRD-PARTY-NOTICES.txt`), thirdPartyNotices(metafile, path(".")));
chmodSync(path(`${out}/bundle/charlie-mediawiki.js`), 0o755);
rmSync(path("dist"), { recursive: true, force: true });
renameSync(path(out), path("dist"));
