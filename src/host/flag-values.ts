import { InvalidArgumentError } from "commander";
import { isNamespaceName, isReleaseName } from "../core/common/release.ts";

type ReadsNumber = (text: string) => number;

export function wholeNumber(least: number, most: number): ReadsNumber {
  const isSo = (value: number) => value >= least && value <= most;
  return number(/^\d+$/, isSo, `a whole number from ${least} to ${most}`);
}

export function wholeSeconds(least: number, most: number): ReadsNumber {
  const isSo = (value: number) => value >= least && value <= most;
  return number(/^\d+$/, isSo, `whole seconds, from ${least} to ${most}`);
}

export function seconds({ most }: { readonly most: number }): ReadsNumber {
  return number(/^\d+(\.\d+)?$/, (value) => value <= most, `seconds, at most ${most}`);
}

export function someSeconds({ most }: { readonly most: number }): ReadsNumber {
  const isSo = (value: number) => value > 0 && value <= most;
  return number(/^\d+(\.\d+)?$/, isSo, `seconds, more than 0 and at most ${most}`);
}

function number(form: RegExp, isSo: (value: number) => boolean, expected: string): ReadsNumber {
  return (text) => {
    const value = Number(text);
    if (!form.test(text) || !isSo(value)) throw new InvalidArgumentError(`expected ${expected}.`);
    return value;
  };
}

/** One for each time that the flag is given. */
export function collect(word: string, previous: readonly string[]): string[] {
  return [...previous, word];
}

/** Names with commas between them, each time that the flag is given. */
export function collectList(words: string, previous: readonly string[]): string[] {
  const names = words
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
  // Nothing but commas: a variable of the operator's shell is empty, and what it should name would be deployed.
  if (names.length === 0) throw new InvalidArgumentError("expected names with commas between them.");
  return [...previous, ...names];
}

export function collectReleases(word: string, previous: readonly string[]): string[] {
  const [namespace = "", name = "", ...others] = word.split("/");
  if (others.length > 0 || !isNamespaceName(namespace) || !isReleaseName(name)) {
    throw new InvalidArgumentError("expected NAMESPACE/RELEASE, for example shop/main.");
  }
  return [...previous, word];
}
