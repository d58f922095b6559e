import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium as playwright } from "playwright-core";
import { afterAll, beforeAll, describe } from "vitest";

const names = ["chromium", "chromium-browser", "google-chrome"] as const;

const executable = (process.env.PATH ?? "")
  .split(delimiter)
  .flatMap((folder) => names.map((name) => join(folder, name)))
  .find(isExecutable);

if (executable === undefined && process.env.CHARLIE_E2E_REQUIRED === "1") {
  throw new Error("CHARLIE_E2E_REQUIRED=1, and there is no chromium on PATH");
}

/**
 * `describe` for tests in a browser, which is started once. Where there is none they are skipped and the title says so;
 * with `CHARLIE_E2E_REQUIRED=1` importing this module throws instead.
 */
export function describeInBrowser(title: string, body: (browser: () => Browser) => void): void {
  if (executable === undefined) {
    console.warn(`skipped: "${title}": no chromium on PATH`);
    describe.skip(`${title} (skipped: no chromium on PATH)`, () => body(noBrowser));
    return;
  }
  describe(title, () => {
    let browser: Browser | undefined;
    beforeAll(async () => {
      browser = await playwright.launch({ executablePath: executable, args: [...flags] });
    });
    afterAll(() => browser?.close());
    body(() => browser ?? noBrowser());
  });
}

/** It runs as root in a container, and must not talk to anybody on its own. */
const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
] as const;

function noBrowser(): never {
  throw new Error("no browser was started");
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
