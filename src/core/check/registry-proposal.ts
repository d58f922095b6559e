import type { Diagnostic } from "../common/diagnostic.ts";
import type { SourceText } from "../common/places.ts";
import { ok, type Result } from "../common/result.ts";
import { parseRegistry } from "../registry/registry-parse.ts";
import type { CheckQuestion } from "./check-facts.ts";
import { findChangeable } from "./check-registry.ts";
import type { ChangeableFinding, Finding } from "./finding.ts";
import type { RegistryChange } from "./registry-change.ts";
import { changeRegistry } from "./registry-edit.ts";
import { type KnownClasses, knownClasses, unsafeChange } from "./registry-unsafe-change.ts";

/** A registry that mends what a check found, as far as the registry can and the evidence says how. */
export interface RegistryProposal {
  /** All of it, with comments and order as they were; the text as it was where nothing can be mended. */
  readonly text: string;
  /** What is gone with it: errors and warnings. */
  readonly mended: readonly Finding[];
  /** Errors and warnings that stay, and why no change is proposed for them. */
  readonly left: readonly { readonly finding: Finding; readonly reason: string }[];
}

/**
 * Proposes a change of the registry. Each change is tried, and kept only if the finding is gone and no other error or
 * warning has come in its place. The failure is the registry's own faults.
 *
 * @param most how much may be checked, in characters and releases: what would take more is left for another time.
 *   @default some twenty seconds
 *
 * @example
 * const misspelled = "version: 1\nnamespaces: { mw-web: { support: [prometheus], mediawiki: [man] } }\n";
 * const source = { file: "registry.yaml", text: misspelled };
 * const proposed = proposeRegistry(source, { trees: [tree], allEnvironments: true });
 * (proposed.ok ? proposed.value.text : "").split("\n")[1];
 * // "namespaces: { mw-web: { support: [prometheus], mediawiki: [main] } }"
 */
export function proposeRegistry(
  source: SourceText,
  question: CheckQuestion,
  { most = mostWork }: { readonly most?: number } = {},
): Result<RegistryProposal, readonly Diagnostic[]> {
  const first = checkText(source, question);
  if (!first.ok) return first;
  let kept = first.value;
  const reasons = new Map<string, string>();
  let work = 0;
  for (;;) {
    const next = kept.asked
      .filter(({ finding }) => !reasons.has(keyOf(finding)))
      .toSorted((one, other) => rank(one) - rank(other))[0];
    if (!next) break;
    work += workOf(kept.source, question) * next.changes.length;
    if (next.changes.length > 0 && work > most) {
      reasons.set(keyOf(next.finding), tooMuch);
      continue;
    }
    const tried = tryChanges(next, { kept, question });
    if (tried.ok) kept = tried.value;
    else reasons.set(keyOf(next.finding), tried.failure);
  }
  const { text } = kept.source;
  const left = kept.asked.map(({ finding }) => ({
    finding,
    reason: reasons.get(keyOf(finding)) ?? forPeople,
  }));
  const stays = new Set(left.map(({ finding }) => keyOf(finding)));
  const mended = first.value.asked.flatMap(({ finding }) => (stays.has(keyOf(finding)) ? [] : [finding]));
  return ok({ text, mended, left });
}

const tooMuch = "too much to try at once: write the change so far, and check again";

/** Each change is checked anew, so that many changes of a long registry would take hours. */
const mostWork = 10_000_000;

/** A release takes about as long as a line of the registry. */
function workOf({ text }: SourceText, { trees }: CheckQuestion): number {
  const releases = trees.flatMap(({ services }) => services.map((service) => service.releases.length));
  return text.length + 50 * releases.reduce((sum, one) => sum + one, 0);
}

const forPeople = "nothing says how: it is for you to decide";

/** A text of the registry, and what a check says of it. */
interface CheckedText {
  readonly source: SourceText;
  /** Errors and warnings. */
  readonly asked: readonly ChangeableFinding[];
  /** The same of all services, also of those that nobody asked about. */
  readonly all: readonly ChangeableFinding[];
  readonly classes: KnownClasses;
}

function checkText(source: SourceText, question: CheckQuestion): Result<CheckedText, readonly Diagnostic[]> {
  const parsed = parseRegistry(source);
  if (!parsed.ok) return parsed;
  const { selection, ...whole } = question;
  const all = withoutHints(findChangeable(parsed.value, whole));
  const isNarrow = selection && selection.service.length + selection.exclude.length > 0;
  return ok({
    ...{ source, all },
    asked: isNarrow ? withoutHints(findChangeable(parsed.value, question)) : all,
    classes: knownClasses(parsed.value, question.trees),
  });
}

function withoutHints(all: readonly ChangeableFinding[]): ChangeableFinding[] {
  return all.filter(({ finding }) => finding.severity !== "hint");
}

/** A name that was only misspelled is put right before anything is added or taken away because of it. */
function rank({ changes }: ChangeableFinding): number {
  return changes[0]?.kind === "rename" ? 0 : 1;
}

function tryChanges(
  { finding, changes }: ChangeableFinding,
  { kept, question }: { readonly kept: CheckedText; readonly question: CheckQuestion },
): Result<CheckedText, string> {
  let reason = forPeople;
  for (const change of changes) {
    const tried = tryChange(finding, change, { kept, question });
    if (tried.ok) return tried;
    reason = tried.failure;
  }
  return { ok: false, failure: reason };
}

function tryChange(
  finding: Finding,
  change: RegistryChange,
  { kept, question }: { readonly kept: CheckedText; readonly question: CheckQuestion },
): Result<CheckedText, string> {
  const changed = checkChanged(change, kept, question);
  const next = changed.ok ? withServices(changed.value, kept, question) : changed;
  if (!next.ok) return next;
  const unsafe = unsafeChange(kept.classes, next.value.classes);
  if (unsafe !== undefined)
    return { ok: false, failure: `it is for you to decide: with the change that would mend it ${unsafe}` };
  const [worse] = newIn(next.value, kept);
  if (worse) return { ok: false, failure: `with the change that would mend it: ${worse.finding.message}` };
  const isThere = next.value.asked.some((one) => keyOf(one.finding) === keyOf(finding));
  return isThere ? { ok: false, failure: forPeople } : next;
}

function checkChanged(
  change: RegistryChange,
  { source: { file, text } }: CheckedText,
  question: CheckQuestion,
): Result<CheckedText, string> {
  const changed = changeRegistry(text, change);
  if (changed === undefined)
    return { ok: false, failure: "the lines that it is about can only be changed by hand" };
  const next = checkText({ file, text: changed }, question);
  return next.ok
    ? next
    : { ok: false, failure: `with the change that would mend it: ${next.failure[0]?.message}` };
}

/** What becomes support has Services, which are named together with it: neither can be without the other. */
function withServices(
  changed: CheckedText,
  before: CheckedText,
  question: CheckQuestion,
): Result<CheckedText, string> {
  const provide = newIn(changed, before)
    .flatMap(({ changes }) => changes)
    .find(({ kind }) => kind === "provide");
  if (!provide) return { ok: true, value: changed };
  const next = checkChanged(provide, changed, question);
  // Each names one Service more, so that this ends.
  return next.ok && next.value.asked.length < changed.asked.length
    ? withServices(next.value, before, question)
    : { ok: true, value: changed };
}

/** What is found now, and was not before. */
function newIn(now: CheckedText, before: CheckedText): ChangeableFinding[] {
  const known = new Set(before.all.map((one) => keyOf(one.finding)));
  return now.all.filter((one) => !known.has(keyOf(one.finding)));
}

/** Places move with every line that is added: they do not tell findings apart. */
function keyOf({ code, subject, message }: Finding): string {
  return JSON.stringify([code, subject, message]);
}
