import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { transform } from "esbuild";

const repository = fileURLToPath(new URL("../../../", import.meta.url));
const examples = join(repository, "docs/examples");

/** Puts the recipes of docs/library.md into a project: as they are, and as JavaScript, which Node 20 runs. */
export async function addRecipes(project: string): Promise<readonly string[]> {
  const names = (await readdir(examples)).filter((file) => file.endsWith(".ts"));
  await mkdir(join(project, "recipes"), { recursive: true });
  for (const file of names) {
    const text = await readFile(join(examples, file), "utf8");
    const { code } = await transform(text, { loader: "ts", format: "esm" });
    await writeFile(join(project, "recipes", file.replace(/\.ts$/, ".js")), code);
    await copyFile(join(examples, file), join(project, "recipes", file));
  }
  return names.map((file) => file.replace(/\.ts$/, "")).sort();
}
