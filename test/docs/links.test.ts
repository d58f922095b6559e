import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, it } from "vitest";
import { anchorsOf, codeOf, linksOf, loadPages, parsePage, repository } from "./support/markdown.ts";

const pages = loadPages();

/** Why a link leads nowhere; undefined where it does not. Links to other hosts are not followed. */
function faultOf(file: string, target: string): string | undefined {
  if (/^https:\/\/[^/]+\//.test(target)) return undefined;
  if (/^[a-z]+:/.test(target)) return "neither https nor a file";
  const [path = "", anchor] = target.split("#");
  const found = path === "" ? file : normalize(join(dirname(file), path));
  if (!existsSync(join(repository, found))) return `there is no ${found}`;
  if (anchor === undefined) return undefined;
  const page = parsePage(found, readFileSync(join(repository, found), "utf8"));
  return anchorsOf(page).has(anchor) ? undefined : `${found} has no heading #${anchor}`;
}

it("every link leads to a file and a heading that are there", () => {
  const links = pages.flatMap((page) => linksOf(page).map((link) => ({ ...link, file: page.file })));
  expect(links.length).toBeGreaterThan(20);
  const faults = links.flatMap(({ place, target, file }) => {
    const fault = faultOf(file, target);
    return fault === undefined ? [] : [`${place}: ${target}: ${fault}`];
  });
  expect(faults).toEqual([]);
});

it("every page of docs/ is linked from the README or from another page", () => {
  const linked = new Set(
    pages.flatMap((page) =>
      linksOf(page).map(({ target }) => normalize(join(dirname(page.file), target.split("#")[0] ?? ""))),
    ),
  );
  const lonely = pages.map(({ file }) => file).filter((file) => file !== "README.md" && !linked.has(file));
  expect(lonely).toEqual([]);
});

it("every file of this repository that is named in backquotes is there", () => {
  const named = pages.flatMap((page) => codeOf(page)).filter(({ text }) => namesFile.test(text));
  expect(named.length).toBeGreaterThan(20);
  const faults = named.filter(({ text }) => {
    const path = text.split(":")[0] ?? "";
    return !["", "src", "docs"].some((folder) => existsSync(join(repository, folder, path)));
  });
  expect(faults).toEqual([]);
});

/** As the docs name sources: `core/plan/plan.ts`, `src/core/`, `test/host/no-mediawiki.test.ts`, `bench/scale.js`. */
const namesFile = /^(src|test|core|io|host|simulation|bench|scripts|fixtures|docs)\/[\w./-]*$/;

it("finds links that lead nowhere", () => {
  expect(faultOf("README.md", "docs/none.md")).toBe("there is no docs/none.md");
  expect(faultOf("docs/json.md", "check.md#no-such-heading")).toBe(
    "docs/check.md has no heading #no-such-heading",
  );
  expect(faultOf("docs/json.md", "#plan-and-apply-or-restore-with---dry_run")).toBeUndefined();
  expect(faultOf("README.md", "http://example.org/")).toBe("neither https nor a file");
});
