import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { repository } from "./support/built-command.ts";

const folder = join(repository, "src/host");

/** The name of the package and of its command, which are no knowledge. */
const names = /charlie-(plugin-)?mediawiki|CHARLIE_MEDIAWIKI_[A-Z]+/g;

/** MediaWiki's words, also inside of other words; but not the middle of `escape`, nor the end of another word. */
const words = /mediawiki|php|statsd|prometheus|(?<![a-z])scap(?!e)|(?<![a-z])mw-/gi;

function foundIn(text: string): string[] {
  return text.split("\n").flatMap((line) => line.replace(names, "").match(words) ?? []);
}

describe("the host", () => {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".ts"),
  );

  it("is more than a few files", () => {
    expect(files.length).toBeGreaterThan(15);
    expect(files).toContain("command-line.ts");
  });

  it.each(files)("%s holds no word of MediaWiki's", (name) => {
    expect(foundIn(readFileSync(join(folder, name), "utf8"))).toEqual([]);
  });
});

describe("the search", () => {
  it.each([
    ["if (release.class === 'mediawiki') return", ["mediawiki"]],
    ["const withMediawiki = true", ["Mediawiki"]],
    ["await run('scap sync-world')", ["scap"]],
    ["const Scap = 1, SCAP_HOST = 2", ["Scap", "SCAP"]],
    ["namespace.startsWith('mw-')", ["mw-"]],
    ["STATSD_EXPORTER_PROMETHEUS_SERVICE_HOST // php-fpm", ["STATSD", "PROMETHEUS", "php"]],
    ["charlie-mediawiki: mediawiki", ["mediawiki"]],
  ])("finds what was planted: %s", (text, expected) => {
    expect(foundIn(text)).toEqual(expected);
  });

  it.each([
    "charlie-mediawiki VERB",
    "env.CHARLIE_MEDIAWIKI_DEBUG",
    "charlie-plugin-mediawiki",
    "escape, landscape",
  ])("takes no other word for one of them: %s", (text) => {
    expect(foundIn(text)).toEqual([]);
  });
});
