// Writes src/core/report/report-page-assets.ts: the script and the style of a report's page, from src/page/. With --check it only
// says whether that is as it would be written.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const path = (relative) => fileURLToPath(new URL(`../${relative}`, import.meta.url));
const target = path("src/core/report/report-page-assets.ts");

const bundled = async (file) => {
  const { outputFiles } = await build({
    absWorkingDir: path("."),
    entryPoints: [file],
    bundle: true,
    write: false,
    minify: true,
    format: "iife",
    target: ["chrome120", "firefox121", "safari17"],
    charset: "ascii",
  });
  return JSON.stringify(outputFiles[0].text.trim());
};

const text = `// Made by \`npm run page\` from src/page/.

/** The script of a report's page. */
export const pageScript =
  ${await bundled("src/page/report-page.ts")};

/** Its style. */
export const pageStyle =
  ${await bundled("src/page/report-page.css")};
`;

if (!process.argv.includes("--check")) writeFileSync(target, text);
else if (readFileSync(target, "utf8") !== text) {
  console.error("src/core/report/report-page-assets.ts is not what src/page/ makes: npm run page");
  process.exit(1);
}
