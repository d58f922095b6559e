import { nameOf, namespaceOf } from "../core/common/release.ts";
import { counted } from "../core/common/words.ts";
import { clockTime } from "./render-time.ts";
import { type CrashTotals, renderSilent } from "./report.ts";
import type { CharlieAct, FailedRelease, ScapAct, ScenarioWithout } from "./scenario-without.ts";

/** Both acts in lines for people. */
export function renderScenarioWithout({ environment, scap, charlie }: ScenarioWithout): readonly string[] {
  return [
    `An empty cluster (${environment}), without the plugin`,
    "",
    ...renderScap(scap),
    "",
    ...renderCharlie(charlie),
  ];
}

function renderScap({
  command,
  failedStage,
  durationMs,
  failed,
  afterwards,
  ...act
}: ScapAct): readonly string[] {
  const end = failedStage === undefined ? "done" : `failed in its stage ${failedStage}`;
  const all = [...failed, ...afterwards.failed];
  return [
    "Act 1: scap deploys MediaWiki by name",
    `  ${command.join(" ")}: ${end} after ${clockTime(durationMs)}`,
    ...renderFailed(failed),
    ...renderAfterwards(afterwards),
    renderCrashTotals(act.crashes),
    ...(all.some(({ status }) => status === "absent")
      ? ["  helm removed what failed (atomic), and the evidence with it"]
      : []),
    ...renderSilent(act.runningWithout).map(indented),
  ];
}

function renderAfterwards({ failed, deployed, durationMs }: ScapAct["afterwards"]): readonly string[] {
  const others = failed.length + deployed.length;
  if (others === 0) return [];
  const rest = `the other ${counted(others, "release")}, had they been deployed by name as well`;
  return [`  ${rest}: ${failed.length} failed after ${clockTime(durationMs)}`, ...renderByNamespace(failed)];
}

function renderCharlie(act: CharlieAct): readonly string[] {
  const { services, deployed, failed, durationMs, crashes } = act;
  return [
    "Act 2: charlie deploys service after service, MediaWiki at the same moment as what it needs",
    `  ${counted(deployed.length, "release")} of ${counted(services, "service")} deployed in ${clockTime(durationMs)}`,
    failed.length === 0 ? "  none failed" : `  ${failed.length} failed`,
    ...renderFailed(failed),
    renderCrashTotals(crashes),
    ...renderSilent(act.runningWithout).map(indented),
  ];
}

/** What they failed by is said once for all that failed by the same. */
function renderFailed(failed: readonly FailedRelease[]): readonly string[] {
  const byCause = new Map<string, string[]>();
  for (const one of failed) {
    const cause = causeOf(one);
    byCause.set(cause, [...(byCause.get(cause) ?? []), `      ${renderFailure(one)}`]);
  }
  return [...byCause].flatMap(([cause, lines]) => [`    ${cause}:`, ...lines]);
}

/** In brief: what failed in one namespace in one line. */
function renderByNamespace(failed: readonly FailedRelease[]): readonly string[] {
  const namespaces = new Map<string, FailedRelease[]>();
  for (const one of failed) {
    const namespace = namespaceOf(one.release);
    namespaces.set(namespace, [...(namespaces.get(namespace) ?? []), one]);
  }
  return [...namespaces].map(([namespace, those]) => {
    const names = those.map(({ release }) => nameOf(release)).join(", ");
    const crashes = those.reduce((sum, one) => sum + (one.crashes?.crashes ?? 0), 0);
    return `      ${namespace}: ${names} (${counted(crashes, "crash")})`;
  });
}

function causeOf({ crashes }: FailedRelease): string {
  if (crashes === undefined) return "failed";
  return `crashed for want of ${crashes.variable}, as there is no Service ${crashes.service}`;
}

function renderFailure({ release, crashes, provider }: FailedRelease): string {
  if (crashes === undefined) return release;
  const [first] = crashes.pods;
  const pods = `${counted(crashes.pods.length, "pod")} (${first?.name ?? ""}, …), ${counted(crashes.crashes, "crash")}`;
  return `${release}: ${pods}; ${provider === undefined ? "nothing" : provider} would provide it`;
}

function renderCrashTotals({ pods, crashes, records }: CrashTotals): string {
  if (pods === 0) return "  no pod crashed";
  const where = `${counted(pods, "pod")} of ${counted(records.length, "release")}`;
  return `  ${where} crashed: ${counted(crashes, "crash")}`;
}

function indented(line: string): string {
  return `  ${line}`;
}
