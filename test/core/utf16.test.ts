import { expect, it } from "vitest";
import { renderDiagnostics } from "../../src/core/common/diagnostic.ts";
import { readRenderedObjects } from "../../src/core/manifests/rendered-objects.ts";
import { parseDeployments } from "../../src/core/preflight/mediawiki-deployments.ts";
import { parseRegistry } from "../../src/core/registry/registry-parse.ts";
import { parseInventory } from "../../src/core/tree/inventory.ts";
import { parseKubeconfigText } from "../../src/io/kubeconfig-text.ts";

/** As it is read where UTF-8 is expected. */
function inUtf16(text: string, order: "little" | "big"): string {
  const bytes = Buffer.from(`\uFEFF${text}`, "utf16le");
  return (order === "little" ? bytes : bytes.swap16()).toString("utf8");
}

it.each(["little", "big"] as const)("what is written in UTF-16 is told as that, in %s endian", (order) => {
  const told = "error: f is not UTF-8: it begins as UTF-16 does\n  to do: save it as UTF-8";
  const source = (text: string) => ({ file: "f", text: inUtf16(text, order) });
  for (const read of [
    parseRegistry(source("version: 1\n")),
    parseDeployments(source("[]"), "eqiad"),
    parseInventory(source('{"version": 1}')),
  ])
    expect(read.ok ? "" : renderDiagnostics(read.failure)).toBe(told);
  expect(renderDiagnostics(readRenderedObjects(source("kind: Pod\n")).faults)).toBe(told);
  expect(parseKubeconfigText(source("clusters: []\n").text)).toEqual({
    ok: false,
    failure: "it is not UTF-8",
  });
});
