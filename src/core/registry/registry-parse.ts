import { type Diagnostic, inOrder, type Place } from "../common/diagnostic.ts";
import type { SourceText } from "../common/places.ts";
import { isNamespaceName } from "../common/release.ts";
import { fail, ok, type Result } from "../common/result.ts";
import { parseYamlTree } from "../yaml/yaml-reader.ts";
import { childOf, numberOf, textOf, type YamlNode } from "../yaml/yaml-tree.ts";
import { emptyRegistry, type Registry } from "./registry.ts";
import { readCommand } from "./registry-command.ts";
import { environmentWarnings } from "./registry-environments.ts";
import { readNamespaces } from "./registry-namespaces.ts";
import { readRules } from "./registry-rules.ts";
import { schemaFaults } from "./registry-schema-faults.ts";
import { readProvided } from "./registry-services.ts";
import { readStages } from "./registry-stages.ts";
import {
  checkPlaceholders,
  invalidName,
  namespaceNames,
  type ReportFault,
  textsOf,
} from "./registry-texts.ts";

/**
 * Reads a registry. Never throws, whatever the text is; `file` is how places name it.
 *
 * @returns the registry, or all faults of the file, in its order
 *
 * @example
 * const registry = parseRegistry({ file: "registry.yaml", text: "version: 1" });
 * if (!registry.ok) throw new Error(renderDiagnostics(registry.failure));
 */
export function parseRegistry(source: SourceText): Result<Registry, readonly Diagnostic[]> {
  const { root, faults } = parseYamlTree(source);
  if (!root) return fail(inOrder(faults));
  if (root.kind === "scalar" && root.value === null) {
    return fail(inOrder(faults.length > 0 ? faults : [emptyFile(source.file, root.place)]));
  }
  // The schema only finds faults: values are read from the tree, where they have their places.
  const found = [...faults, ...schemaFaults(root)];
  const registry = readRegistry(root, source.file, (fault) => found.push(fault));
  return found.length > 0 ? fail(inOrder(found)) : ok(registry);
}

/** Reads what can be read, so that faults of any part are found whatever is wrong with another. */
function readRegistry(root: YamlNode, file: string, report: ReportFault): Registry {
  const kubeconfig = readTemplate(childOf(root, "kubeconfig"), report);
  const readKubeconfig = readTemplate(childOf(root, "readKubeconfig"), report);
  const log = readCommand(
    childOf(root, "log"),
    { placeholders: ["{message}", "{environment}"], needed: "{message}" },
    report,
  );
  const lockFolder = textOf(childOf(root, "lockFolder"));
  const settleSeconds = numberOf(childOf(root, "settleSeconds")) ?? emptyRegistry.settleSeconds;
  const gateSeconds = numberOf(childOf(root, "gateSeconds")) ?? emptyRegistry.gateSeconds;
  const namespaces = readNamespaces(childOf(root, "namespaces"), report);
  const warnings = environmentWarnings({ namespaces });
  const timing = childOf(root, "settleSeconds") ?? childOf(root, "gateSeconds");
  if (timing && settleSeconds >= gateSeconds)
    report(neverOpens(timing.place, { settleSeconds, gateSeconds }));
  return {
    file,
    rules: readRules(childOf(root, "rules"), report),
    namespaces,
    services: readProvided(childOf(root, "services"), report),
    systemNamespaces:
      readNamespaceNames(childOf(root, "systemNamespaces"), report) ?? emptyRegistry.systemNamespaces,
    settleSeconds,
    gateSeconds,
    stages: readStages(childOf(root, "stages"), report),
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(readKubeconfig !== undefined && { readKubeconfig }),
    ...(log && { log }),
    ...(lockFolder !== undefined && { lockFolder }),
    ...(warnings.length > 0 && { warnings: inOrder(warnings) }),
  };
}

function readTemplate(node: YamlNode | undefined, report: ReportFault): string | undefined {
  for (const text of textsOf(node)) checkPlaceholders(text, ["{namespace}", "{environment}"], report);
  return textOf(node);
}

function readNamespaceNames(node: YamlNode | undefined, report: ReportFault): readonly string[] | undefined {
  if (!node) return undefined;
  const names = textsOf(node);
  for (const name of names) {
    if (name.text !== "" && !isNamespaceName(name.text))
      report(invalidName(name, "namespace", namespaceNames));
  }
  return names.map(({ text }) => text);
}

function neverOpens(
  place: Place,
  { settleSeconds, gateSeconds }: Pick<Registry, "settleSeconds" | "gateSeconds">,
): Diagnostic {
  return {
    severity: "error",
    code: "gate-never-opens",
    message: `a new Service is to settle for ${settleSeconds} s, and a gate waits for ${gateSeconds} s only`,
    place,
    expected: "settleSeconds below gateSeconds",
    remedy: "raise gateSeconds, or lower settleSeconds",
  };
}

function emptyFile(file: string, place: Place): Diagnostic {
  return {
    severity: "error",
    code: "empty-file",
    message: `${file} is empty`,
    place,
    remedy: 'begin it with the line "version: 1"',
  };
}
