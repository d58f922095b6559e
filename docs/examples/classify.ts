// classify REGISTRY INVENTORY: what each namespace of MediaWiki needs first.
import { readFile } from "node:fs/promises";
import { classify, parseInventory, parseRegistry, renderDiagnostics } from "charlie-plugin-mediawiki/core";

const [registryFile = "registry.yaml", inventoryFile = "eqiad.json"] = process.argv.slice(2);
const registry = parseRegistry({ file: registryFile, text: await readFile(registryFile, "utf8") });
if (!registry.ok) throw new Error(renderDiagnostics(registry.failure));
const tree = parseInventory({ file: inventoryFile, text: await readFile(inventoryFile, "utf8") });
if (!tree.ok) throw new Error(renderDiagnostics(tree.failure));

const { releases, mediawikiNamespaces } = classify(tree.value, registry.value);
for (const namespace of [...mediawikiNamespaces].sort()) {
  const here = releases.filter(({ release }) => release.namespace === namespace && release.installed);
  const support = here.filter((one) => one.class === "support").map(({ release }) => release.name);
  console.log(`${namespace}: ${support.join(", ") || "nothing"}`);
}
