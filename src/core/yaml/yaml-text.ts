/** A text as YAML, on one line, quoted where it has to be: for readers of YAML 1.1 too, to whom `on` is true. */
export function yamlText(value: string): string {
  return isPlain(value) ? value : JSON.stringify(value);
}

/** A list of texts as YAML, on one line. */
export function yamlList(values: readonly string[]): string {
  return `[${values.map(yamlText).join(", ")}]`;
}

/** Names and globs; what begins with a digit may be a number or a date, and `e1` a number of YAML 1.1. */
function isPlain(value: string): boolean {
  return /^[a-z][\w.*?/-]*$/i.test(value) && !/^(?:y|n|yes|no|on|off|true|false|null|e-?\d+)$/i.test(value);
}
