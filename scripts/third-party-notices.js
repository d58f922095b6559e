// What the licences of the packages in a bundle want to go along with every copy of it.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The licence, with its copyright line, of each package of which something is in a bundle, and its NOTICE where it has one. A
 * package without a licence makes it throw: nobody knows then on what terms it may be handed on.
 *
 * @param {Pick<import("esbuild").Metafile, "outputs">} metafile of esbuild, which says what is in the bundle
 * @param {string} folder the one that its paths are relative to
 * @returns {string}
 */
export function thirdPartyNotices({ outputs }, folder) {
  /** @type {Map<string, Set<string>>} */
  const byText = new Map();
  for (const place of placesOf(outputs)) {
    const { name, text } = licenceOf(join(folder, place));
    byText.set(text, (byText.get(text) ?? new Set()).add(name));
  }
  const parts = [...byText].map(([text, names]) => `${[...names].sort().join(", ")}\n\n${text}\n`);
  const head =
    "The files beside this one hold code of these packages, each under the licence that stands below its name.\n";
  return [head, ...parts.sort()].join(`\n${"-".repeat(80)}\n\n`);
}

/** @param {import("esbuild").Metafile["outputs"]} outputs @returns {ReadonlySet<string>} */
function placesOf(outputs) {
  const files = Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
  );
  return new Set(files.flatMap((file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []));
}

/** @param {string} place */
function licenceOf(place) {
  const { name, version } = JSON.parse(readFileSync(join(place, "package.json"), "utf8"));
  const all = readdirSync(place);
  const texts = [/^(licen[cs]e|copying)/i, /^notice/i].map((kind) =>
    all.filter((file) => kind.test(file)).map((file) => readFileSync(join(place, file), "utf8").trim()),
  );
  if (texts[0]?.length === 0) throw new Error(`${name} ${version} has no file with its licence (${place})`);
  return { name: `${name} ${version}`, text: texts.flat().join("\n\n").replace(/\r\n/g, "\n") };
}
