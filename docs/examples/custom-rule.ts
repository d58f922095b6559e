// custom-rule REGISTRY INVENTORY: a rule of one's own, before those of the registry, for every environment that is tried out.
import {
  classify,
  loadInventory,
  loadRegistry,
  parseRegistry,
  type Registry,
  renderDiagnostics,
} from "charlie-plugin-mediawiki";

const [registryFile = "registry.yaml", inventoryFile = "eqiad.json"] = process.argv.slice(2);
const [registry, tree] = [await loadRegistry(registryFile), await loadInventory(inventoryFile)];
if (!registry.ok) throw new Error(renderDiagnostics(registry.failure));
if (!tree.ok) throw new Error(renderDiagnostics(tree.failure));

// As text, so that what it decides can say by which line, as any other.
const own = parseRegistry({
  file: "own rules",
  text: `
version: 1
rules:
  - match: { namespace: "echostore" }
    class: support
`,
});
if (!own.ok) throw new Error(renderDiagnostics(own.failure));
// The first rule that matches wins.
const both: Registry = { ...registry.value, rules: [...own.value.rules, ...registry.value.rules] };

const { releases } = classify(tree.value, both);
for (const { release, class: itsClass, reason } of releases) {
  if (reason.place?.file === "own rules") console.log(`${release.id} is ${itsClass}: ${reason.text}`);
}
