import { renderPlace } from "../common/diagnostic.ts";
import { type ReleaseId, releaseId } from "../common/release.ts";
import type { PreflightPair } from "../hooks/hooks.ts";
import { anyRelease, isNamedAtRunTime, registryName } from "../registry/registry.ts";
import { supportMembers } from "../registry/required-support.ts";
import { type PreflightKnowledge, unreadableService } from "./preflight-knowledge.ts";
import type { PreflightFinding } from "./preflight-report.ts";

/** That a release is none of MediaWiki's, so that this is nothing to wait for. */
export function notMediawiki(
  { namespace, release }: PreflightPair,
  { class: releaseClass }: { readonly class: string },
): PreflightFinding {
  return {
    code: "not-mediawiki",
    severity: "info",
    subject: `release ${releaseId(namespace, release)}`,
    message: `its class is ${releaseClass}: nothing is required for it`,
    remedy: "",
  };
}

/** How a person asks helmfile, or what it said before. */
export const askTree = "--inventory FILE or --services_dir DIR tells";

/**
 * That nothing says that a release is MediaWiki's, nor that its namespace is: it may be a name that is not meant.
 * Where only the registry is asked, one of its rules may know better, by the chart.
 */
export function classUnknown(
  { namespace, release }: PreflightPair,
  { registry, listed }: PreflightKnowledge,
): PreflightFinding[] {
  const isKnown = listed
    ? listed.classification.mediawikiNamespaces.has(namespace)
    : registry.namespaces.get(namespace)?.classes.mediawiki !== undefined;
  if (isKnown || namespace === "") return [];
  return [
    warning(releaseId(namespace, release), {
      code: "class-unknown",
      message: `nothing in ${registryName(registry)} says that it is MediaWiki`,
      remedy: listed ? "check the name" : `check the name; ${askTree} what it is`,
    }),
  ];
}

/** That MediaWiki needs nothing first in a namespace, and what says so. */
export function nothingRequired(namespace: string, knowledge: PreflightKnowledge): PreflightFinding {
  const { reason, remedy = "" } = whyNothing(namespace, knowledge);
  return {
    code: "nothing-required",
    severity: "info",
    subject: `namespace ${namespace}`,
    message: `MediaWiki needs nothing first: ${reason}`,
    remedy,
  };
}

function whyNothing(
  namespace: string,
  { registry, environment, listed }: PreflightKnowledge,
): { readonly reason: string; readonly remedy?: string } {
  // A rule goes by the chart, which only the tree tells.
  const isByRule = !listed && registry.rules.some((rule) => rule.class === "support");
  const byRule = isByRule
    ? { remedy: `${askTree} whether a rule of the registry makes one of its releases support` }
    : {};
  if (namespace === "")
    return { reason: "it is in the namespace of its kubeconfig, which nothing here names" };
  const entry = registry.namespaces.get(namespace);
  if (!entry) return { reason: `the registry has no entry for ${namespace}`, ...byRule };
  const members = supportMembers(namespace, registry);
  const place = renderPlace(entry.place);
  if (members.length === 0) {
    const reason = `the registry names no support release for ${namespace} (${place})`;
    return { reason, ...(entry.classes.support ? {} : byRule) };
  }
  const limits = members.map(({ release, environments = [] }) => `${release} in ${environments.join(", ")}`);
  return { reason: `the registry requires ${limits.join("; ")}, not in ${environment} (${place})` };
}

/** Where the tree does not have a target as it was asked for, or something beside it that nothing classifies. */
export function treeWarnings(target: PreflightPair, knowledge: PreflightKnowledge): PreflightFinding[] {
  const releases = knowledge.listed?.classification.releases ?? [];
  const unclassified = releases.filter(
    (one) => one.fault && one.release.installed && one.release.namespace === target.namespace,
  );
  return [
    ...listingWarning(target, knowledge),
    ...unclassified.map(({ release, fault }) =>
      warning(release.id, {
        code: "unclassified-release",
        message: `whether MediaWiki needs it first is not known: ${fault?.message ?? ""}`,
        remedy: fault?.remedy ?? "",
      }),
    ),
  ];
}

function listingWarning(
  { namespace, release }: PreflightPair,
  knowledge: PreflightKnowledge,
): PreflightFinding[] {
  const { listed, environment, registry } = knowledge;
  if (!listed) return [];
  const id = releaseId(namespace, release);
  const found = listed.byId.get(id)?.release;
  const remedy = "check the environment and the name";
  if (found?.installed) return [];
  if (found) {
    const message = `its helmfile does not install it in ${environment}`;
    return [warning(id, { code: "not-installed", message, remedy })];
  }
  const unread = unreadableService(namespace, knowledge);
  if (unread !== undefined) {
    const message = `its helmfile could not be read, so that only the registry says what it needs: ${unread}`;
    return [warning(id, { code: "helmfile-unreadable", message, remedy: "" })];
  }
  if (release === anyRelease || isNamedAtRunTime(namespace, registry)) return [];
  return [
    warning(id, { code: "release-not-listed", message: `no helmfile lists it in ${environment}`, remedy }),
  ];
}

function warning(
  id: ReleaseId,
  rest: Pick<PreflightFinding, "code" | "message" | "remedy">,
): PreflightFinding {
  return { severity: "warning", subject: `release ${id}`, ...rest };
}
