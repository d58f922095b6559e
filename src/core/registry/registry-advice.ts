import type { ReleaseClass } from "../common/release.ts";
import { yamlList, yamlText } from "../yaml/yaml-text.ts";
import { type Member, type NamespaceEntry, type Registry, registryName, type Wave } from "./registry.ts";

/** Releases of one namespace that are to be named as of a class, and why. */
export interface ClassLine {
  readonly class: ReleaseClass;
  readonly release: string;
  readonly comment: string;
}

/**
 * What to write in the registry, in words and lines. A key must not stand twice in an entry: where it is there already, the
 * line is the whole of it, with what it named before.
 *
 * @param lines one of them is to be chosen where there are several
 */
export function linesToWrite(namespace: string, lines: readonly ClassLine[], registry: Registry): string {
  const entry = registry.namespaces.get(namespace);
  const which = lines.length === 1 ? "this" : "one of these lines";
  const isThere = lines.some((line) => entry?.classes[line.class] !== undefined);
  const place = isThere ? ", in place of the one with the same key if there is one" : "";
  const where = entry ? `to the entry of ${namespace} in ` : "to ";
  const written = lines.map((line) => `${line.class}: ${finishedList(line, entry)}`);
  const width = Math.max(...written.map((text) => text.length));
  return [
    `add ${which} ${where}${registryName(registry)}${place}:`,
    "namespaces:",
    `  ${namespace}:`,
    ...lines.map(({ comment }, at) => `    ${(written[at] ?? "").padEnd(width)}   # ${comment}`),
  ].join("\n");
}

function finishedList(line: ClassLine, entry: NamespaceEntry | undefined): string {
  const waves = (entry?.classes[line.class] ?? []).map(waveText);
  return `[${[...waves, yamlText(line.release)].join(", ")}]`;
}

function waveText(wave: Wave): string {
  const members = wave.map(memberText).join(", ");
  return wave.length === 1 ? members : `[${members}]`;
}

function memberText({ release, environments }: Member): string {
  const name = yamlText(release);
  return environments === undefined ? name : `{ release: ${name}, environments: ${yamlList(environments)} }`;
}
