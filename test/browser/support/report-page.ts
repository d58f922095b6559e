import { createHash } from "node:crypto";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { onTestFinished } from "vitest";
import { renderRunReportPage } from "../../../src/core/report/render-run-report-page.ts";
import { reportOfText } from "../../core/support/reported.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

/** The page of a report, opened from a file as an operator opens it. */
export interface OpenedPage {
  readonly page: Page;
  /** What the browser complained of: messages of the console, errors, requests for anything but the page. */
  readonly complaints: string[];
}

export async function openReport(
  browser: Browser,
  journal: string,
  options: BrowserContextOptions = {},
): Promise<OpenedPage> {
  const sha256 = (text: string) => createHash("sha256").update(text).digest("base64");
  const html = renderRunReportPage(reportOfText(journal), { sha256 });
  const url = pathToFileURL(join(temporaryFolder({ "report.html": html }), "report.html")).href;
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("dialog", (dialog) => void dialog.dismiss().then(() => complaints.push(dialog.message())));
  page.on("request", (request) => {
    if (request.url() !== url) complaints.push(request.url());
  });
  await page.goto(url);
  return { page, complaints };
}
