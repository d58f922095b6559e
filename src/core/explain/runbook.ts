import { bullets, code, codes, prose, shellBlock } from "../common/markdown.ts";
import { counted } from "../common/words.ts";
import { notDeployedBy } from "../plan/left-out.ts";
import type { Plan } from "../plan/plan.ts";
import { renderBefore } from "./runbook-before.ts";
import { commandLine } from "./runbook-command.ts";
import type { RunbookFacts } from "./runbook-facts.ts";
import { renderFailures } from "./runbook-failures.ts";
import { renderStage } from "./runbook-stage.ts";

/**
 * The procedure of a rollout as Markdown for a wiki: by this tool, and beside it the plain commands for a day without
 * it. It holds neither dates nor names of hosts: the difference of two runbooks is what changed.
 *
 * @example
 * const text = renderRunbook({
 *   plan,
 *   command: ["restore", "-e", plan.environment],
 *   pluginFlags: [],
 *   ...{ needsWipedCluster: true, asksBetweenStages: true, refusesUnreadable: true, hasPreflight: true },
 *   servicesDir,
 *   stageCommands: new Map([["support", ["apply", "-e", plan.environment, "--support-only"]]]),
 *   environmentOf: ({ kubeconfig }) => ({ HELMFILE_RENDER_YAML: "true", KUBECONFIG: kubeconfig }),
 *   withheld: withheldVariables,
 * });
 * text.split("\n")[0]; // "# Restore `eqiad`"
 */
export function renderRunbook(facts: RunbookFacts): string {
  const { plan } = facts;
  return [
    `# ${plan.mode === "restore" ? "Restore" : "Deploy"} ${code(plan.environment)}`,
    `${counted(plan.steps.length, "step")} in ${counted(plan.stages.length, "stage")}. ${written}`,
    ...renderBefore(facts),
    "## With the tool: one command",
    shellBlock([commandLine(facts.command)]),
    bullets(wholeCommandNotes(facts)),
    overview(plan),
    ...plan.stages.flatMap((_, at) => renderStage(at, facts)),
    ...renderLeftOut(facts),
    ...renderFailures(facts),
  ].join("\n\n");
}

const written =
  "This page is written by `charlie-mediawiki runbook` from the registry and the helmfiles: change those, and write it anew.";

function wholeCommandNotes({ plan, ...facts }: RunbookFacts): string[] {
  const unreadable = plan.unreadable.map(({ service }) => service);
  return [
    `\`--dry_run\` prints what it would run, and deploys nothing.`,
    ...(facts.asksBetweenStages ? ["It asks once at the start and once between stages."] : []),
    ...(facts.needsWipedCluster
      ? [
          `On a cluster that is in use it goes on only if ${code(plan.environment)} is typed as the answer, or with ${code(`--not-wiped ${plan.environment}`)}.`,
        ]
      : []),
    ...(facts.refusesUnreadable && unreadable.length > 0
      ? [
          `It refuses as long as ${codes(unreadable)} cannot be read: mend it, or add ${code(`--exclude ${unreadable.join(",")}`)}.`,
        ]
      : []),
    "The stages below say what it does, and how to do the same by hand.",
  ];
}

function overview(plan: Plan): string {
  const rows = plan.stages.map(({ name, run, steps, gate }, at) => {
    const releases = plan.steps
      .filter((step) => step.stage === name)
      .reduce((sum, step) => sum + step.releases.length, 0);
    const what = run
      ? "its own command"
      : `${counted(releases, "release")} in ${counted(steps.length, "step")}`;
    return `| ${at + 1} | ${cell(code(name))} | ${what} | ${gate === "wait" ? "yes" : ""} |`;
  });
  return ["| | stage | what | gate behind it |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

/** Within a table even code ends at a bar. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

function renderLeftOut({ plan }: RunbookFacts): string[] {
  const items = [
    ...notDeployedBy(plan).leftOut.map(
      ({ reason, names }) => `${prose(reason)} (${names.length}): ${codes(names)}`,
    ),
    ...plan.unreadable.map(
      ({ service, message }) => `could not be read: ${code(service)}: ${prose(message)}`,
    ),
  ];
  return items.length === 0 ? [] : ["## What is left out", bullets(items)];
}
