import type { Diagnostic } from "../common/diagnostic.ts";
import { matchesAny } from "../common/glob.ts";
import { nearest } from "../common/nearest.ts";
import type { Tree } from "../common/release.ts";

/** What the operator chose: charlie's own flags. */
export interface Selection {
  /** Globs of services; all where it is empty. */
  readonly service: readonly string[];
  /** Globs of services that are left out. */
  readonly exclude: readonly string[];
  /** Services that come first, in this order. */
  readonly priority: readonly string[];
  /** The service to begin with: what comes before it in charlie's order is skipped and counts as done. */
  readonly resumeAt?: string;
}

/** Which services a rollout is about, in charlie's order, and why the others are not. */
export interface SelectedServices {
  /** Names of services that are there and selected, in charlie's order: `--priority` as given, then by path. */
  readonly order: readonly string[];
  /** Position in `--priority`; absent for the others. */
  readonly priority: ReadonlyMap<string, number>;
  /** Why a service is left out; services that are not in it are selected. */
  readonly leftOut: ReadonlyMap<string, string>;
  /** Services before `--resume_at`: they count as done. */
  readonly countAsDone: ReadonlySet<string>;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Applies charlie's `-s`, `--exclude`, `--priority` and `--resume_at` to the services of a tree. A glob or a name
 * that matches nothing is an error among the diagnostics.
 *
 * @example
 * const { order } = selectServices(tree, { service: ["mw-*"], exclude: [], priority: ["mw-web"] });
 */
export function selectServices(tree: Tree, selection: Selection): SelectedServices {
  const there = tree.services.map(({ name }) => name);
  const unreadable = tree.unreadable.map(({ service }) => service);
  const known = [...new Set([...there, ...tree.absent, ...unreadable])].sort(byPath);
  const priority = new Map(selection.priority.map((name, at) => [name, at]));
  const order = [
    ...selection.priority.filter((name) => known.includes(name)),
    ...known.filter((name) => !priority.has(name)),
  ];

  const leftOut = new Map<string, string>();
  const countAsDone = new Set<string>();
  const resumeIndex = selection.resumeAt === undefined ? 0 : order.indexOf(selection.resumeAt);
  order.forEach((name, at) => {
    const excluding = selection.exclude.find((glob) => matchesAny([glob], name));
    if (selection.service.length > 0 && !matchesAny(selection.service, name)) {
      leftOut.set(name, `not selected by --service ${selection.service.join(",")}`);
    } else if (excluding !== undefined) {
      leftOut.set(name, `excluded by --exclude ${excluding}`);
    } else if (at < resumeIndex) {
      leftOut.set(name, `before --resume_at ${selection.resumeAt}: counts as done`);
      countAsDone.add(name);
    }
  });
  const present = new Set(there);
  return {
    order: order.filter((name) => present.has(name) && !leftOut.has(name)),
    priority,
    leftOut,
    countAsDone,
    diagnostics: [...checkSelection(selection, known), ...checkPresence(selection, tree)],
  };
}

function byPath(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function checkSelection(selection: Selection, known: readonly string[]): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const mustMatch = (flag: string, globs: readonly string[]) => {
    for (const glob of globs) {
      if (!known.some((name) => matchesAny([glob], name))) diagnostics.push(noSuchService(flag, glob, known));
    }
  };
  mustMatch("--service", selection.service);
  mustMatch("--exclude", selection.exclude);
  for (const name of selection.priority) {
    if (!known.includes(name)) diagnostics.push(noSuchService("--priority", name, known));
  }
  const { resumeAt } = selection;
  if (resumeAt !== undefined && !known.includes(resumeAt)) {
    diagnostics.push(noSuchService("--resume_at", resumeAt, known));
  }
  return diagnostics;
}

function noSuchService(flag: string, word: string, known: readonly string[]): Diagnostic {
  const guess = nearest(word, known);
  return {
    severity: "error",
    code: "unknown-service",
    message: `${flag} "${word}" matches no service`,
    expected: `one of the ${known.length} services, for example ${known.slice(0, 3).join(", ") || "(there are none)"}`,
    ...(guess === undefined ? {} : { remedy: `did you mean ${guess}?` }),
  };
}

/** A service that is known but has nothing here is no fault, only worth saying: another environment has it. */
function checkPresence(selection: Selection, tree: Tree): Diagnostic[] {
  const there = [...tree.services.map(({ name }) => name), ...tree.unreadable.map(({ service }) => service)];
  return selection.service
    .filter((glob) => !there.some((name) => matchesAny([glob], name)))
    .filter((glob) => tree.absent.some((name) => matchesAny([glob], name)))
    .map((glob) => ({
      severity: "warning",
      code: "absent-service",
      message: `${glob} has nothing in the environment ${tree.environment}`,
    }));
}
