import type { Place } from "../common/diagnostic.ts";
import { childOf, itemsOf, textOf, type YamlNode } from "../yaml/yaml-tree.ts";
import type { StageEntry } from "./registry.ts";
import {
  checkPlaceholders,
  invalidName,
  type PlacedText,
  type Report,
  readGlobs,
  textsOf,
} from "./registry-names.ts";
import { readClass } from "./registry-rules.ts";

/** Reads the list `stages`, and reports stages that could not be carried out as they stand. */
export function readStages(node: YamlNode | undefined, report: Report): readonly StageEntry[] {
  const items = itemsOf(node);
  const stages = items.flatMap((item) => readStage(item, report));
  checkNamesDiffer(stages, report);
  for (const [index, item] of items.entries()) {
    const run = childOf(item, "run");
    if (run) checkRun({ run, stage: item, isLast: index === items.length - 1 }, report);
  }
  return stages;
}

/** Reads a command. The first of `placeholders` must occur where `needed` says so. */
export function readCommand(
  node: YamlNode | undefined,
  { placeholders, needed }: { readonly placeholders: readonly string[]; readonly needed?: string },
  report: Report,
): readonly string[] | undefined {
  // What is no list is the schema's to report.
  if (node?.kind !== "list") return undefined;
  const command = textsOf(node);
  const [program, ...args] = command;
  if (program) checkProgram(program, report);
  for (const argument of args) checkPlaceholders(argument, placeholders, report);
  if (needed !== undefined && command.length > 0 && !args.some(({ text }) => text.includes(needed))) {
    report({
      severity: "error",
      code: "missing-placeholder",
      message: `no argument of this command has the placeholder ${needed}`,
      place: node.place,
      expected: `${needed} in one of the arguments at least`,
      remedy: `add the argument "${needed}"`,
    });
  }
  return command.map(({ text }) => text);
}

function readStage(node: YamlNode, report: Report): StageEntry[] {
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
      ...(releases && { releases }),
      ...(releaseClass && { class: releaseClass }),
      ...(services && { services }),
      ...(run && { run }),
    },
  ];
}

function checkStageName(name: PlacedText, report: Report): void {
  if (/^[a-z0-9][a-z0-9-]*$/.test(name.text)) return;
  report(invalidName(name, "stage", 'lower-case letters, digits and "-", a letter or digit first'));
}

/** A stage without any of these keys would take every release, and leave nothing to the stages behind it. */
function checkTakesSomething(node: YamlNode, place: Place, report: Report): void {
  if (node.kind !== "map" || ["releases", "class", "services"].some((key) => node.entries.has(key))) return;
  report({
    severity: "error",
    code: "empty-stage",
    message: "this stage does not say which releases it takes",
    place,
    expected: "at least one of releases, class, services",
  });
}

function checkNamesDiffer(stages: readonly StageEntry[], report: Report): void {
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
  report: Report,
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

function checkProgram({ text, place }: PlacedText, report: Report): void {
  if (!text.startsWith("-") && !/[{}]/.test(text)) return;
  report({
    severity: "error",
    code: "invalid-program",
    message: `${JSON.stringify(text)} cannot be the program of a command`,
    place,
    expected: 'a program by its name or path, without placeholders, and not beginning with "-"',
    remedy: "name the program first, and its arguments after it",
  });
}
