import type { Place } from "../common/diagnostic.ts";
import { childOf, itemsOf, textOf, type YamlNode } from "../yaml/yaml-tree.ts";
import type { StageEntry } from "./registry.ts";
import { readCommand } from "./registry-command.ts";
import { readClass } from "./registry-rules.ts";
import { invalidName, type PlacedText, type ReportFault, readGlobs } from "./registry-texts.ts";

/** Reads the list `stages`, and reports stages that could not be carried out as they stand. */
export function readStages(node: YamlNode | undefined, report: ReportFault): readonly StageEntry[] {
  const items = itemsOf(node);
  const stages = items.flatMap((item) => readStage(item, report));
  checkNamesDiffer(stages, report);
  for (const [index, item] of items.entries()) {
    const run = childOf(item, "run");
    if (run) checkRun({ run, stage: item, isLast: index === items.length - 1 }, report);
  }
  return stages;
}

function readStage(node: YamlNode, report: ReportFault): StageEntry[] {
  const name = childOf(node, "name");
  const text = textOf(name);
  const releases = readGlobs(
    childOf(node, "releases"),
    { what: "NAMESPACE/RELEASE", slash: "always" },
    report,
  );
  const services = readGlobs(
    childOf(node, "services"),
    { what: "the name of a service", slash: "sometimes" },
    report,
  );
  const releaseClass = readClass(childOf(node, "class"));
  const run = readCommand(childOf(node, "run"), { placeholders: ["{environment}"] }, report);
  const place = name?.place ?? node.place;
  checkTakesSomething(node, place, report);
  if (text === undefined) return [];
  checkStageName({ text, place }, report);
  const gate = textOf(childOf(node, "gate")) === "wait" ? "wait" : "none";
  return [
    {
      name: text,
      gate,
      place,
      ...(releases && {
        releases: releases.map((glob) => glob.text),
        releasePlaces: releases.map((glob) => glob.place),
      }),
      ...(releaseClass && { class: releaseClass }),
      ...(services && {
        services: services.map((glob) => glob.text),
        servicePlaces: services.map((glob) => glob.place),
      }),
      ...(run && { run }),
    },
  ];
}

function checkStageName(name: PlacedText, report: ReportFault): void {
  if (/^[a-z0-9][a-z0-9-]*$/.test(name.text)) return;
  report(invalidName(name, "stage", 'lower-case letters, digits and "-", a letter or digit first'));
}

/** A stage without any of these keys would take every release, and leave nothing to the stages behind it. */
function checkTakesSomething(node: YamlNode, place: Place, report: ReportFault): void {
  if (node.kind !== "map" || ["releases", "class", "services"].some((key) => node.entries.has(key))) return;
  report({
    severity: "error",
    code: "empty-stage",
    message: "this stage does not say which releases it takes",
    place,
    expected: "at least one of releases, class, services",
  });
}

function checkNamesDiffer(stages: readonly StageEntry[], report: ReportFault): void {
  const known = new Map<string, StageEntry>();
  for (const stage of stages) {
    const first = known.get(stage.name);
    if (!first) known.set(stage.name, stage);
    else {
      report({
        severity: "error",
        code: "duplicate-stage",
        message: `two stages have the name ${JSON.stringify(stage.name)}`,
        place: stage.place,
        remedy: "give one of them another name",
        related: [{ message: "the first one stands here", place: first.place }],
      });
    }
  }
}

/** scap deploys all of MediaWiki with one command, when all else is there: nothing can come after it. */
function checkRun(
  { run, stage, isLast }: { readonly run: YamlNode; readonly stage: YamlNode; readonly isLast: boolean },
  report: ReportFault,
): void {
  const releaseClass = childOf(stage, "class");
  if (textOf(releaseClass) !== "mediawiki") {
    report({
      severity: "error",
      code: "run-without-mediawiki",
      message: "only the stage of class mediawiki can have a command of its own",
      place: releaseClass?.place ?? run.place,
      expected: "class: mediawiki in a stage with run",
      remedy: "remove run, or give the stage class: mediawiki",
    });
  }
  if (isLast) return;
  report({
    severity: "error",
    code: "run-not-last",
    message: "a stage with run must be the last one",
    place: run.place,
    remedy: "move the stage to the end of the list, or remove run",
  });
}
