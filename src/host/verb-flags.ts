import { availableParallelism } from "node:os";
import { Option } from "commander";
import {
  collect,
  collectList,
  collectReleases,
  seconds,
  someSeconds,
  wholeNumber,
  wholeSeconds,
} from "./flag-values.ts";
import { defaultRollbackLimitSeconds, type OutputFormat } from "./settings.ts";

/** Where a relative --services_dir is looked for, as charlie does. */
export const helmfileRoot = "/srv/deployment-charts/helmfile.d";

/** What flags are added to: a command of commander, or what only notes which there are. */
export interface FlagTarget {
  name(): string;
  usage(text: string): unknown;
  addOption(option: Option): this;
  option(flags: string, description: string, defaultValue?: string | boolean): this;
  option<Value>(
    flags: string,
    description: string,
    parse: (text: string, previous: Value) => Value,
    defaultValue?: Value,
  ): this;
}

/** What a verb does, as far as its flags go by it. */
export interface VerbNature {
  readonly deploys: boolean;
  /** It asks before it deploys to a cluster that is in use. */
  readonly needsWipedCluster: boolean;
}

/** The flags of a verb that plans, shows or deploys. */
export function addRolloutFlags(target: FlagTarget, { deploys, needsWipedCluster }: VerbNature): void {
  addTree(target);
  addSelection(target);
  addOutput(target, "text if left out", target.name() === "plan" ? ["text", "json", "mermaid"] : undefined);
  addExecution(target);
  if (needsWipedCluster)
    target.option("--not-wiped <environment>", "go on although the cluster of this environment is in use");
  if (deploys) {
    target.option(
      "--fail-fast",
      "end a step as soon as what is seen in the cluster shows that it cannot succeed",
    );
    addWatching(target);
    target.option(
      "--resume [run]",
      "go on with this run, or with the newest of the environment: what it has done is not done again",
    );
    target.option(
      "--fix-pending",
      "mend what a helm that did not come to its end left half done: uninstall a first install, roll back the others",
    );
    target.option(
      "--tries <n>",
      "how often a step is tried in all where it failed for what passes by itself",
      wholeNumber(1, 20),
      defaultTries,
    );
    target.option(
      "--wait <seconds>",
      "wait so long for another run that deploys to the environment",
      seconds({ most: 86_400 }),
      0,
    );
    target.option(
      "--rollback-limit <seconds>",
      "how long what runs may take to roll back after Ctrl-C before it is killed",
      wholeSeconds(1, 86_400),
      defaultRollbackLimitSeconds,
    );
  }
  if (deploys || target.name() === "plan") {
    target.option(
      "--jobs-per-namespace <n>",
      "how many helmfiles run side by side in one namespace; no limit if left out",
      wholeNumber(1, 1000),
    );
    addState(target);
    addCluster(
      target,
      "what the cluster is looked at with; helmfile deploys with the ones that it names itself",
    );
  }
  addPlugin(target);
  target.option("--no-plugin", "no plugin: every service at once, as charlie does");
}

/** The flags that say how a rollout is shown while it goes on. */
export function addWatching(target: FlagTarget): void {
  target
    .option("--verbose", "on a terminal, print all that the steps print, and not only their last lines")
    .option(
      "--events <file>",
      "write what happens for programs, a line of JSON each, to a file that is not there yet, or to - for standard output",
    );
}

/** The flags of `runs`. */
export function addRunsFlags(target: FlagTarget): void {
  target.option("-e, --environment <glob>", "only the runs of these environments");
  addOutput(target, "text if left out");
  addState(target);
}

/** The flags of `report`. */
export function addReportFlags(target: FlagTarget): void {
  target.usage("[RUN|FILE] [options]");
  target.option("-e, --environment <glob>", "the newest run of these environments, where none is named");
  addOutput(target, "text if left out", ["text", "json", "markdown", "html"]);
  addState(target);
}

function addState(target: FlagTarget): void {
  target.option("--state-dir <dir>", "where journals and locks are, instead of the user's state folder");
}

/** The flags of `explain`, which deploys nothing and asks nobody. */
export function addExplainFlags(target: FlagTarget): void {
  target.usage("NAMESPACE/NAME|SERVICE [options]");
  addTree(target);
  addSelection(target);
  addOutput(target, "text if left out");
  addState(target);
  addPlugin(target);
  target.option("--no-plugin", "no plugin: every service at once, as charlie does");
}

/** The flags of `runbook`, which writes a text and does nothing else. */
export function addRunbookFlags(target: FlagTarget): void {
  addTree(target);
  addSelection(target);
  addPlugin(target);
  target.option("--no-plugin", "no plugin: every service at once, as charlie does");
}

/** The flags of `derive`, which reads and renders, and asks nobody. */
export function addDeriveFlags(target: FlagTarget): void {
  addTree(target);
  addChoice(target);
  target.option(
    "--manifests <path>",
    "manifests that are rendered already: a folder, a file, or - for standard input",
  );
  addOutput(target, "text if left out");
}

/** The flags of `check`, which reads and renders, and asks nobody. */
export function addCheckFlags(target: FlagTarget): void {
  addDeriveFlags(target);
  target.option("--deployments <file>", "compare with the list that the deploying tool goes by");
  target.option("--cluster", "compare with what is deployed");
  target.option("--write", "propose a change of the registry, show it, ask, and write it");
  target.option("--dry-run", "with --write: show the change, and write nothing");
  target.option("--yes", "with --write: write it without asking");
  addCluster(
    target,
    "what the cluster is looked at with, instead of what the registry names; with --cluster",
  );
  addPlugin(target);
}

/** The flags of `preflight`: it deploys nothing, and asks nobody. */
export function addPreflightFlags(target: FlagTarget): void {
  target
    .option("-e, --environment <name>", "the cluster, as helmfile names it")
    .addOption(
      new Option("--release <namespace/name>", "a release that is to be deployed; may be given several times")
        .argParser(collectReleases)
        .default([], "all of the environment"),
    )
    .option("--stdin", "read the releases from standard input, as JSON")
    .option("--deployments <file>", "read the releases from the list that the deploying tool goes by")
    .addOption(
      new Option(
        "--services-dir <dir>",
        `compare with what helmfile lists there; relative: below ${helmfileRoot}`,
      ).default("services", "not compared"),
    )
    .option("--inventory <file>", "compare with what helmfile lists, from a file")
    .option("--timeout <seconds>", "how long it may take in all", someSeconds({ most: 600 }), 30);
  addOutput(target, "text on a terminal and JSON elsewhere if left out");
  addCluster(target, "what the cluster is looked at with, instead of what the registry names");
  addPlugin(target);
}

/** The flags of `hook`: what the plugin is asked about stands in the request. */
export function addHookFlags(target: FlagTarget): void {
  target.usage("NAME [options]");
  target.option(
    "--timeout <seconds>",
    "how long it may take in all; what the plugin's manifest allows the hook if left out",
    someSeconds({ most: 86_400 }),
  );
  addCluster(target, "what the cluster is looked at with, instead of what the plugin names");
  addPlugin(target);
}

function addTree(target: FlagTarget): void {
  target
    .option("--services-dir <dir>", `where the services are; relative: below ${helmfileRoot}`, "services")
    .option("-e, --environment <glob>", "the cluster, as helmfile names it; all but traindev if left out")
    .option("--inventory <file>", "what helmfile lists, from a file instead of from the services");
}

function addSelection(target: FlagTarget): void {
  addChoice(target);
  target
    .addOption(list("--priority <services>", "these services first, in this order (with commas)"))
    .option("--resume-at <service>", "begin with this service: what comes before it counts as done");
}

function addChoice(target: FlagTarget): void {
  target
    .addOption(
      new Option("-s, --service <glob>", "only these services").argParser(collect).default([], "all"),
    )
    .addOption(list("--exclude <services>", "not these services (names or globs, with commas)"));
}

function addOutput(
  target: FlagTarget,
  otherwise: string,
  formats: readonly OutputFormat[] = ["text", "json"],
): void {
  target.addOption(
    new Option("-o, --output <format>", `how the answer is written; ${otherwise}`).choices(formats),
  );
}

function addExecution(target: FlagTarget): void {
  target
    .option("--dry-run", "print the commands, and deploy nothing")
    .option("--jobs <n>", "how many helmfiles run side by side", wholeNumber(1, 1000), defaultJobs())
    .option("--yes", "answer the ordinary questions with yes")
    .addOption(
      list(
        "--skip-gate <stage>",
        "go on behind the gate of this stage although it stays shut, and run its command although it may not begin",
      ),
    )
    .option("--log-dir <dir>", "where the output of each step is kept");
}

function addCluster(target: FlagTarget, summary: string): void {
  target.option("--kubeconfig <file>", summary);
}

function addPlugin(target: FlagTarget): void {
  target
    .option("--registry <file>", "the plugin's registry, instead of its own")
    .option("--plugin <path>", "another plugin: its plugin.json, or the folder of it");
}

/** helmfile and helm mostly wait for the cluster, so several a core; each takes some 100 MB. */
function defaultJobs(): number {
  return Math.min(32, Math.max(4, availableParallelism() * 4));
}

/** With the waits between them a bit more than a minute: an API server has begun anew by then. */
const defaultTries = 5;

function list(flag: string, summary: string): Option {
  return new Option(flag, summary).argParser(collectList).default([], "none");
}
