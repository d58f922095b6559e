import { stringify } from "yaml";

/** A text as YAML, on one line, quoted where it has to be: for readers of YAML 1.1 too, to whom `on` is true. */
export function yamlText(value: string): string {
  return stringify(value, { lineWidth: 0, compat: "yaml-1.1" }).trimEnd();
}

/** A list of texts as YAML, on one line. */
export function yamlList(values: readonly string[]): string {
  // Within brackets these need quotes, which they do not elsewhere: a glob may have some.
  const texts = values.map((value) => (/[[\]{},]/.test(value) ? JSON.stringify(value) : yamlText(value)));
  return `[${texts.join(", ")}]`;
}
