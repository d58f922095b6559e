import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { renderRunReportPage } from "../../src/core/report/render-run-report-page.ts";
import { tickMs } from "../../src/core/report/report-page-axis.ts";
import { hostileJournal } from "../support/hostile-journal.ts";
import { reportOfText } from "./support/reported.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("base64");
const page = () => renderRunReportPage(reportOfText(hostileJournal()), { sha256 });

describe("the page of a report", () => {
  it("holds nothing from outside as markup", () => {
    const text = page();
    const tags = new Set([...text.matchAll(/<\/?([a-z][a-z0-9]*)/gi)].map(([, name]) => name?.toLowerCase()));
    for (const tag of ["img", "iframe", "xss", "object", "a", "link", "base"])
      expect(tags).not.toContain(tag);
    // The data, and the script that is ours.
    expect([...text.matchAll(/<\/?script/g)]).toHaveLength(4);
    expect([...text.matchAll(/[\u202a-\u202e\u2066-\u2069\u2028\u2029]|\p{Cc}/gu)].map(String)).toEqual(
      [...text.matchAll(/\n/g)].map(String),
    );
  });

  it("lets only its own script and style run, by their digests, and asks for nothing else", () => {
    const text = page();
    const [, policy = ""] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(text) ?? [];
    const [, style = ""] = /<style>([\s\S]*?)<\/style>/.exec(text) ?? [];
    const script = text.slice(
      text.lastIndexOf("<script>") + "<script>".length,
      text.lastIndexOf("</script>"),
    );
    expect(policy.replaceAll("&#39;", "'").split("; ")).toEqual([
      "default-src 'none'",
      `style-src 'sha256-${sha256(style)}'`,
      `script-src 'sha256-${sha256(script)}'`,
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    const attributes = [...text.matchAll(/<[a-z][^<>]*>/g)].flatMap(
      ([tag]) => tag.match(/\s[a-z-]+(?==")/g) ?? [],
    );
    const harmful = attributes.filter((name) => /^\s(?:src|href|action|style|on[a-z]+)$/.test(name));
    expect(harmful).toEqual([]);
  });

  it("has a row for every step without its script", () => {
    const report = reportOfText(hostileJournal());
    const rows = [...page().matchAll(/<tr id="s\d+"/g)];
    expect(rows).toHaveLength(report.steps.length);
  });

  it("has the script and style that src/page makes", () => {
    const { status, stderr } = spawnSync(process.execPath, ["scripts/write-page.js", "--check"], {
      encoding: "utf8",
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});

it.each([
  [0, 1],
  [5_000, 1],
  [60_000, 10],
  [739_000, 120],
  [3_600_000, 600],
  [400_000_000, 86_400],
  [4_000_000_000, 518_400],
])("the axis of a run of %i ms has a tick every %i s", (durationMs, seconds) => {
  expect(tickMs(durationMs)).toBe(seconds * 1000);
});
