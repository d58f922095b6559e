import { frame, type Place, renderPlace } from "../common/diagnostic.ts";
import { groupedBy } from "../common/grouped-by.ts";
import { counted, firstOf, quoted, renderDuration } from "../common/words.ts";
import type { Wait } from "../plan/waits.ts";
import { basis } from "../view/render-expected.ts";
import type { Elsewhere, Explanation } from "./explain.ts";

/** So many of what waits for the same reason are named; the others are counted. */
const named = 6;

/**
 * One release for people: what decided, where it goes, what it waits for, and what runs. Several lines.
 *
 * @example
 * const context = { tree, classified: verdictsOf(classify(tree, registry)), plan: { ok: true, value: plan } } as const;
 * for (const release of tree.services.flatMap(({ releases }) => releases))
 *   console.log(renderExplanation(explain(release, context), plan));
 */
export function renderExplanation(
  explanation: Explanation,
  { environment, mode }: { readonly environment: string; readonly mode: string },
): string {
  const { release, class: releaseClass, reason, service, helmfile, chart } = explanation;
  return [
    `${release} in ${environment}, for ${mode === "apply" ? "an apply" : `a ${mode}`}`,
    `  class: ${releaseClass}: ${reason.text}`,
    ...(reason.place ? indented(frame(reason.place), 2) : []),
    `  from: the service ${service} (${helmfile}), chart ${chart}`,
    `  belongs to ${environment}: ${explanation.installed ? "yes" : "no"}${renderElsewhere(explanation.elsewhere)}`,
    ...renderFate(explanation),
    ...renderWaits("waits for", explanation.waitsFor),
    ...renderWaits("waited for by", explanation.waitedForBy),
    ...(explanation.provides.length > 0 ? [`  provides: Service ${explanation.provides.join(", ")}`] : []),
    ...renderCommands(explanation),
  ].join("\n");
}

/** Where else something belongs to, for people; begins with a semicolon. */
export function renderElsewhere(elsewhere: Elsewhere | undefined): string {
  if (!elsewhere || elsewhere.environments.length === 0) return "";
  const names = elsewhere.environments.join(", ");
  return elsewhere.by === "reading" ? `; it belongs to ${names}` : `; its helmfile names ${names}`;
}

function renderFate({ fate, stage }: Explanation): string[] {
  const gate = stage?.gate === "wait" ? ", with a gate behind it" : "";
  const where = stage ? [`  stage: ${stage.name} (${stage.number} of ${stage.of})${gate}`] : [];
  switch (fate.kind) {
    case "deployed": {
      const { together } = fate;
      if (together.length === 0) return where;
      return [...where, `  together with: ${firstOf(together, named)} (one helmfile, as a whole service)`];
    }
    case "handed-over":
      return [
        ...where,
        `  no step of its own: ${fate.reason}`,
        ...fate.wouldBeIncluded.map((way) => `  would get one ${way}`),
        "  the command of the stage deploys it, once every step has ended",
      ];
    case "excluded":
      return [
        `  left out: ${fate.reason}`,
        ...(fate.removedBy === undefined
          ? []
          : [`  removed, should it be there, by the step ${fate.removedBy}`]),
        ...fate.wouldBeIncluded.map((way) => `  would be deployed ${way}`),
      ];
    case "unplanned":
      return ["  no plan:", ...indented(fate.reason.split("\n"), 4)];
  }
}

/** What waits for the same reason, written in the same line of the registry, stands in one line. */
function renderWaits(title: string, waits: readonly Wait[]): string[] {
  if (waits.length === 0) return [`  ${title}: nothing`];
  const groups = groupedBy(
    waits.filter(({ direct }) => direct),
    ({ kind, because }) =>
      JSON.stringify([kind, because.map(({ text, place }) => [text, place?.file, place?.line])]),
  );
  const indirect = waits.filter(({ direct }) => !direct).map(({ name }) => name);
  return [
    `  ${title}:`,
    ...[...groups.values()].flatMap(renderGroup),
    ...(indirect.length > 0 ? [`    through these, ${howMany(indirect)}`] : []),
  ];
}

function renderGroup(group: readonly Wait[]): string[] {
  const [first] = group;
  if (!first) return [];
  const names = group.map(({ name }) => name);
  const what = first.kind === "command" ? `the command of the stage ${names.join(", ")}` : howMany(names);
  const places = first.because.map((_, at) =>
    spanOf(group.flatMap(({ because }) => because[at]?.place ?? [])),
  );
  const texts = first.because.map(({ text }, at) => {
    const place = places[at];
    return place ? `${text} (${renderPlace(place)})` : text;
  });
  const why = texts.length > 0 ? texts.join("; ") : "the plan says so";
  return [`    ${what}: ${why}`, ...places.flatMap((place) => (place ? indented(frame(place), 4) : []))];
}

/** From the first to the last of some places in one line; undefined where there are none. */
function spanOf(places: readonly Place[]): Place | undefined {
  const [first] = places.toSorted((one, other) => one.column - other.column);
  const end = places.reduce((last, { column, length }) => Math.max(last, column + length), 0);
  return first && { ...first, length: end - first.column };
}

function howMany(names: readonly string[]): string {
  return names.length > named
    ? `${counted(names.length, "step")} (${firstOf(names, named)})`
    : names.join(", ");
}

function renderCommands({ commands, expected }: Explanation): string[] {
  if (commands.length === 0) return [];
  const time = expected ? [`  takes about ${renderDuration(expected.ms)} (${basis[expected.from]})`] : [];
  return ["  runs:", ...commands.map((words) => `    ${words.map(quoted).join(" ")}`), ...time];
}

function indented(lines: readonly string[], by: number): string[] {
  return lines.map((line) => `${" ".repeat(by)}${line}`);
}
