// check-in-ci REGISTRY INVENTORY...: do registry and trees agree? For GitLab, GitHub and others that read `file:line`.
import {
  checkRegistry,
  loadInventory,
  loadRegistry,
  renderDiagnostics,
  renderPlace,
  type Tree,
} from "charlie-plugin-mediawiki";

const [registryFile = "registry.yaml", ...inventoryFiles] = process.argv.slice(2);
const registry = await loadRegistry(registryFile);
if (!registry.ok) throw new Error(renderDiagnostics(registry.failure));
const trees: Tree[] = [];
for (const file of inventoryFiles) {
  const tree = await loadInventory(file);
  if (!tree.ok) throw new Error(renderDiagnostics(tree.failure));
  trees.push(tree.value);
}

const findings = checkRegistry(registry.value, { trees, allEnvironments: false });
for (const { severity, code, message, place, remedy } of findings) {
  console.log(`${place ? `${renderPlace(place)}: ` : ""}${severity}: ${message} [${code}]`);
  if (remedy !== undefined) console.log(`  ${remedy.replaceAll("\n", "\n  ")}`);
}
process.exitCode = findings.some(({ severity }) => severity !== "hint") ? 1 : 0;
