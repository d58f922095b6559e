import { nearest } from "../common/nearest.ts";
import { namespaceOf, namespaceOfService, type Release, type Tree } from "../common/release.ts";
import { firstOf } from "../common/words.ts";

/** What somebody asks about, as far as one environment has it. */
export type Subject =
  /** A release, or all of a service or namespace. */
  | { readonly kind: "releases"; readonly releases: readonly Release[] }
  /** The service is known, and has nothing in this environment. */
  | { readonly kind: "absent"; readonly service: string }
  | { readonly kind: "unreadable"; readonly service: string; readonly message: string }
  /** Nothing is called so; `hint` says what may have been meant, where anything is near. */
  | { readonly kind: "unknown"; readonly hint?: string };

/**
 * Finds what a person named: `NAMESPACE/NAME`, a service, or a namespace. A service may have a slash in its name: what
 * is a release is taken for one first.
 *
 * @example findSubject("mw-web/prometeus", tree) // { kind: "unknown", hint: "did you mean mw-web/prometheus?" }
 */
export function findSubject(word: string, tree: Tree): Subject {
  const all = tree.services.flatMap(({ releases }) => releases);
  const ways = [
    all.filter(({ id }) => id === word),
    tree.services.find(({ name }) => name === word)?.releases ?? [],
    all.filter(({ namespace }) => namespace === word && word !== ""),
  ];
  const releases = ways.find((found) => found.length > 0);
  if (releases) return { kind: "releases", releases };
  // Of a release that is not listed here at all, its namespace may tell the service.
  const services = [word, namespaceOf(word)];
  const unreadable = tree.unreadable.find(
    ({ service }) => service === word || services.includes(namespaceOfService(service)),
  );
  if (unreadable) return { kind: "unreadable", service: unreadable.service, message: unreadable.message };
  const empty = tree.services.filter((service) => service.releases.length === 0).map(({ name }) => name);
  const absent = [...tree.absent, ...empty].find((service) => services.includes(service));
  if (absent !== undefined) return { kind: "absent", service: absent };
  const hint = hintFor(word, tree, all);
  return { kind: "unknown", ...(hint === undefined ? {} : { hint }) };
}

function hintFor(word: string, tree: Tree, all: readonly Release[]): string | undefined {
  const named = all.filter(({ name }) => name === word).map(({ id }) => id);
  if (named.length > 0) return `say whose: ${firstOf(named, 4)}`;
  const services = [...tree.services.map(({ name }) => name), ...tree.absent];
  const unreadable = tree.unreadable.map(({ service }) => service);
  const guesses = [all.map(({ id }) => id), [...services, ...unreadable]]
    .flatMap((known) => nearest(word, known) ?? [])
    .map((guess) => `${guess}?`);
  if (guesses.length > 0) return `did you mean ${guesses.join(" or ")}`;
  const beside = all.filter(({ namespace }) => namespace !== "" && namespace === namespaceOf(word));
  return beside.length === 0
    ? undefined
    : `in ${namespaceOf(word)} there are ${firstOf(
        beside.map(({ id }) => id),
        8,
      )}`;
}
