import { spawnSync } from "node:child_process";
import { describe } from "vitest";

const isThere = spawnSync("python3", ["-c", "import functools; functools.cache"]).status === 0;

if (!isThere && process.env.CHARLIE_E2E_REQUIRED === "1")
  throw new Error("CHARLIE_E2E_REQUIRED=1, and there is no python3 on PATH (3.9 or newer)");

/**
 * `describe` for tests of what is written in Python. Without python3 the tests are skipped and the title says so; with
 * `CHARLIE_E2E_REQUIRED=1` importing this module throws instead.
 */
export function describeWithPython(title: string, body: () => void): void {
  if (isThere) {
    describe(title, body);
    return;
  }
  console.warn(`skipped: "${title}": python3 (3.9 or newer) is not on PATH`);
  describe.skip(`${title} (skipped: python3, 3.9 or newer, is not on PATH)`, body);
}
