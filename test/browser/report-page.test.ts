import type { Page } from "playwright-core";
import { beforeAll, expect, it } from "vitest";
import { hostile, hostileJournal } from "../support/hostile-journal.ts";
import { largeJournal } from "../support/large-run.ts";
import { troubledRestore } from "../support/troubled-restore.ts";
import { describeInBrowser } from "./support/chromium.ts";
import { openReport } from "./support/report-page.ts";

/** How many rows of the timeline can be seen. */
function shownRows(page: Page): Promise<number> {
  return page.locator(".timeline tbody:not([hidden]) tr[id]:not([hidden])").count();
}

function focused(page: Page): Promise<string> {
  return page.locator("*:focus").innerText();
}

describeInBrowser("the page of a restore in which something failed", (browser) => {
  let journal = "";
  beforeAll(async () => {
    journal = await troubledRestore();
  });

  it("opens without a complaint, and asks nobody for anything", async () => {
    const { page, complaints } = await openReport(browser(), journal);
    expect(await page.title()).toBe("restore of eqiad: failed: 2 failed, 3 blocked");
    expect(await page.locator("tr[id^=s]").count()).toBe(98);
    expect(await page.locator("tr.critical").count()).toBeGreaterThan(2);
    expect(complaints).toEqual([]);
  });

  it("is filtered by words and by outcome, and says how many rows are left", async () => {
    const { page, complaints } = await openReport(browser(), journal);
    await page.fill("input[type=search]", "mw-debug");
    expect(await shownRows(page)).toBe(4);
    expect(await page.innerText("output")).toMatch(/^4 of \d+ shown$/);
    await page.click("button[data-outcome=blocked]");
    expect(await shownRows(page)).toBe(2);
    expect(await page.getAttribute("button[data-outcome=blocked]", "aria-pressed")).toBe("true");
    await page.click("button[data-outcome=failed]");
    expect(await shownRows(page)).toBe(3);
    await page.fill("input[type=search]", "nothing is called so");
    expect(await shownRows(page)).toBe(0);
    expect(await page.innerText("output")).toMatch(/^0 of/);
    await page.fill("input[type=search]", "");
    await page.click("button[data-outcome=blocked]");
    await page.click("button[data-outcome=failed]");
    await page.click("button[data-critical]");
    expect(await shownRows(page)).toBe(await page.locator("tr.critical").count());
    expect(complaints).toEqual([]);
  });

  it("tells what is known of a step when it is clicked, and not any more when it is clicked again", async () => {
    const { page } = await openReport(browser(), journal);
    const row = page.locator("tr.failed[id]", { hasText: "mw-debug/prometheus" });
    await row.click();
    const detail = page.locator("tr.detail");
    expect(await detail.innerText()).toContain(
      "in /srv/deployment-charts/helmfile.d/services/mw-debug/helmfile.yaml",
    );
    expect(await detail.innerText()).toContain("helmfile --file");
    expect(await row.getByRole("button").getAttribute("aria-expanded")).toBe("true");
    await row.click();
    expect(await detail.count()).toBe(0);
    await page.getByRole("button", { name: "toolhub" }).click();
    expect(await detail.innerText()).toContain("again because the connection was refused");
  });

  it("is used by keyboard: one stop for the timeline, arrows within it, Enter opens, Escape closes", async () => {
    const { page } = await openReport(browser(), journal);
    await page.focus("button[data-critical]");
    await page.keyboard.press("Tab");
    expect(await focused(page)).toBe("mw-mcrouter");
    const outline = await page
      .locator("*:focus")
      .evaluate((element) => getComputedStyle(element).outlineStyle);
    expect(outline).toBe("solid");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    const third = await focused(page);
    expect(third).not.toBe("mw-mcrouter");
    await page.keyboard.press("Enter");
    expect(await page.locator("tr.detail").count()).toBe(1);
    await page.keyboard.press("Tab");
    expect(await page.locator("tr.detail pre:focus").count()).toBe(1);
    await page.keyboard.press("Escape");
    expect(await page.locator("tr.detail").count()).toBe(0);
    expect(await focused(page)).toBe(third);
    await page.keyboard.press("End");
    await page.keyboard.press("ArrowDown");
    expect(await page.locator("tr[id]").last().getByRole("button").innerText()).toBe(await focused(page));
    await page.keyboard.press("Home");
    expect(await focused(page)).toBe("mw-mcrouter");
    // Whoever comes back comes to the row that was left.
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Tab");
    expect(await focused(page)).toBe("gate daemonsets");
  });

  it("has the colours that its reader wants, with enough contrast", async () => {
    for (const colorScheme of ["light", "dark"] as const) {
      const { page } = await openReport(browser(), journal, { colorScheme });
      const [back, text, failed] = await page.evaluate(() => {
        const colour = (selector: string, what: "color" | "backgroundColor") => {
          const element = document.querySelector(selector);
          return element ? getComputedStyle(element)[what] : "";
        };
        return [
          colour("section", "backgroundColor"),
          colour("body", "color"),
          colour("tr.failed .outcome", "color"),
        ];
      });
      expect(contrast(back ?? "", text ?? "")).toBeGreaterThan(7);
      expect(contrast(back ?? "", failed ?? "")).toBeGreaterThan(4.5);
      expect(luminance(back ?? "") < 0.5).toBe(colorScheme === "dark");
    }
  });

  it("is a whole table without JavaScript, and shows no filter that would not work", async () => {
    const { page } = await openReport(browser(), journal, { javaScriptEnabled: false });
    expect(await page.getByRole("row").count()).toBeGreaterThan(98);
    expect(await page.getByRole("row", { name: "mw-debug/next" }).innerText()).toContain(
      "the gate of support stayed shut",
    );
    expect(await page.locator(".toolbar").isVisible()).toBe(false);
    await page.click("details.failure summary");
    expect(await page.innerText("details.failure[open]")).toContain("Error: UPGRADE FAILED");
  });

  it("fits a narrow screen and a sheet of paper", async () => {
    const { page } = await openReport(browser(), journal, { viewport: { width: 400, height: 800 } });
    const isWider = () => page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    expect(await isWider()).toBe(false);
    await page.locator("tr.failed[id]", { hasText: "mw-debug/prometheus" }).click();
    expect(await isWider()).toBe(false);
    await page.emulateMedia({ media: "print" });
    expect(await page.locator(".toolbar").isVisible()).toBe(false);
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    expect(await page.locator("details:not([open])").count()).toBe(0);
  });
});

describeInBrowser("the page of a run whose every word wants to do harm", (browser) => {
  it("shows it as text, also in what is opened and in what is searched", async () => {
    const { page, complaints } = await openReport(browser(), hostileJournal());
    const buttons = page.locator("tr[id] th button");
    const rows = await buttons.count();
    expect(rows).toBe(hostile.length + 2);
    for (let at = 0; at < rows; at++) await buttons.nth(at).click();
    expect(await page.locator("tr.detail").count()).toBe(rows);
    for (const details of await page.locator("details.failure summary").all()) await details.click();
    await page.fill("input[type=search]", "<img src=x");
    expect(await shownRows(page)).toBeGreaterThan(0);
    expect(await page.locator("tr.detail:not([hidden])").first().innerText()).toContain(
      "<img src=x onerror=",
    );
    expect(await page.evaluate(() => Reflect.get(window, "hit"))).toBeUndefined();
    expect(await page.locator("img, iframe, xss, script:not(body > script)").count()).toBe(0);
    expect(await page.evaluate(() => /[\u202a-\u202e\u2066-\u2069]/.test(document.body.innerText))).toBe(
      false,
    );
    expect(complaints).toEqual([]);
  });

  it("runs no script that somebody puts into it", async () => {
    const { page, complaints } = await openReport(browser(), hostileJournal());
    await page.evaluate(() => {
      const script = document.createElement("script");
      script.textContent = "window.hit = 1";
      document.body.append(script);
    });
    expect(await page.evaluate(() => Reflect.get(window, "hit"))).toBeUndefined();
    expect(complaints.join()).toContain("Content Security Policy");
  });
});

describeInBrowser("the page of a run of 2,000 steps", (browser) => {
  it("lays out only what is in view, has a handful of listeners, and finds a row at once", async () => {
    const { page, complaints } = await openReport(browser(), await largeJournal(2000));
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable");
    const { metrics } = await session.send("Performance.getMetrics");
    const metric = (wanted: string) => metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN;
    expect(await page.locator("tr[id^=s]").count()).toBe(2000);
    expect(metric("JSEventListeners")).toBeLessThan(30);
    // By what is laid out, not by the time that it takes: the machine may be busy.
    expect(metric("LayoutObjects")).toBeLessThan(8000);
    await page.fill("input[type=search]", "team-499/main");
    expect(await shownRows(page)).toBe(1);
    await page.getByRole("button", { name: "team-499/main" }).click();
    expect(await page.locator("tr.detail").innerText()).toContain("team-499/canary");
    expect(complaints).toEqual([]);
  });
});

/** By WCAG 2, of colours as the browser tells them: `rgb(1, 2, 3)`. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = (colour.match(/\d+/g) ?? []).map((value) => {
    const part = Number(value) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((left, right) => right - left);
  return (light + 0.05) / (dark + 0.05);
}
