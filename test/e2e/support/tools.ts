import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe } from "vitest";

/** What end-to-end tests run, found on PATH. */
const wanted = ["helmfile", "helm", "kube-apiserver", "kube-controller-manager", "etcd"] as const;

const missing = wanted.filter((tool) => !isOnPath(tool));

if (missing.length > 0 && process.env.CHARLIE_E2E_REQUIRED === "1") {
  throw new Error(`CHARLIE_E2E_REQUIRED=1, and these tools are not on PATH: ${missing.join(", ")}`);
}

/**
 * `describe` for tests on real tools. Without the tools the tests are skipped and the title says what is missing;
 * with `CHARLIE_E2E_REQUIRED=1` importing this module throws instead, so that CI never skips them unseen.
 */
export function describeWithTools(title: string, body: () => void): void {
  if (missing.length === 0) {
    describe(title, body);
    return;
  }
  console.warn(`skipped: "${title}": not on PATH: ${missing.join(", ")}`);
  describe.skip(`${title} (skipped: not on PATH: ${missing.join(", ")})`, body);
}

function isOnPath(tool: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => isExecutable(join(folder, tool)));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
