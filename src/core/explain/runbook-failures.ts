import { clusterCommand } from "../cluster/cluster-command.ts";
import { bullets, code, shellBlock } from "../common/markdown.ts";
import { commandLine } from "./runbook-command.ts";
import type { RunbookFacts } from "./runbook-facts.ts";

/** What to do when something fails: with the tool, and by hand. */
export function renderFailures({ plan, command, pluginFlags, hasPreflight }: RunbookFacts): string[] {
  const { environment } = plan;
  const kubeconfig = plan.cluster?.kubeconfig?.replaceAll("{namespace}", "NAMESPACE") ?? "KUBECONFIG";
  const helm = (words: string) => clusterCommand("helm", words, { namespace: "NAMESPACE", kubeconfig });
  const kubectl = (words: string) => clusterCommand("kubectl", words, { namespace: "NAMESPACE", kubeconfig });
  return [
    "## When something fails",
    bullets([
      "What waits for a step that failed is blocked, and says on what; everything else goes on. Mend the cause first: the output of each step, and what was seen in the cluster meanwhile, is in its log.",
      "What passes by itself (a lost connection, a busy server) is tried again by the tool; else it asks: retry, next, diff, quit.",
      `A run that failed, was stopped or was killed goes on where it was: what is done is not done again. \`--fix-pending\` mends releases that a killed helm left half done; \`runs\` lists the runs.`,
    ]),
    shellBlock([
      commandLine(["runs", "-e", environment]),
      commandLine([...command, "--resume"]),
      commandLine([...command, "--resume", "--fix-pending"]),
      ...(hasPreflight ? [commandLine(["preflight", "-e", environment, ...pluginFlags])] : []),
    ]),
    ...(hasPreflight
      ? ["`preflight` says what is missing, and the commands that mend it; it changes nothing."]
      : []),
    "By hand: look at what is there, and run the plain command of the step again. A release that is `pending-install` is uninstalled first, one that is `pending-upgrade` or `pending-rollback` is rolled back to the newest revision that was deployed; only when no helm works on it any more.",
    shellBlock([
      helm("list --all"),
      helm("history RELEASE"),
      kubectl("get pods,events"),
      helm("uninstall RELEASE"),
      helm("rollback RELEASE REVISION"),
    ]),
    `In these, ${code("NAMESPACE")}, ${code("RELEASE")} and ${code("REVISION")} are yours to fill in.`,
  ];
}
