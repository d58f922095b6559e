import { spawnSync } from "node:child_process";
import { describe } from "vitest";

/** Whether what is written in Python can be run here. */
export const pythonIsThere: boolean =
  spawnSync("python3", ["-c", "import functools; functools.cache"]).status === 0;

if (!pythonIsThere) console.warn("skipped: the examples in Python: python3 (3.9 or newer) is not on PATH");

if (!pythonIsThere && process.env.CHARLIE_E2E_REQUIRED === "1")
  throw new Error("CHARLIE_E2E_REQUIRED=1, and there is no python3 on PATH (3.9 or newer)");

/**
 * `describe` for tests of what is written in Python. Without python3 the tests are skipped and the title says so; with
 * `CHARLIE_E2E_REQUIRED=1` importing this module throws instead.
 */
export function describeWithPython(title: string, body: () => void): void {
  if (pythonIsThere) {
    describe(title, body);
    return;
  }
  describe.skip(`${title} (skipped: python3, 3.9 or newer, is not on PATH)`, body);
}
