import { isKept } from "../cluster/helm-status.ts";
import { groupedBy } from "../common/grouped-by.ts";
import { nameOf } from "../common/release.ts";
import { deployCommand } from "../plan/deploy-command.ts";
import { anyRelease } from "../registry/registry.ts";
import { probablyMeant, type RequiredRelease, requiredSupport } from "../registry/required-support.ts";
import { sortedBy } from "../tree/sorted-by.ts";
import type { NamespaceFacts } from "./preflight-facts.ts";
import { classBesideMediawiki, type PreflightKnowledge, unreadableService } from "./preflight-knowledge.ts";
import { askTree, classUnknown, nothingRequired, notMediawiki, treeWarnings } from "./preflight-notes.ts";
import type { PreflightFinding, PreflightTarget } from "./preflight-report.ts";
import { supportFindings } from "./preflight-support.ts";
import { mediawikiIn } from "./preflight-targets.ts";
import { staleFindingsOf } from "./stale-containers.ts";

/**
 * Judges the targets of one namespace by what was read of it. What could not be read is never taken for missing: it
 * makes a target that requires something not ready, and no finding.
 */
export function judgeNamespace(
  names: readonly string[],
  context: {
    readonly facts: NamespaceFacts;
    readonly required: readonly RequiredRelease[];
    readonly knowledge: PreflightKnowledge;
    /** Only the registry says that the namespace belongs to the environment. */
    readonly isGuess: boolean;
  },
): PreflightTarget[] {
  const { facts, required, knowledge, isGuess } = context;
  const { namespace } = facts;
  const shared = required.flatMap((one) =>
    supportFindings(one, {
      facts,
      environment: knowledge.environment,
      deploy: deployCommand(serviceOf(one, namespace, knowledge), knowledge.environment),
      meant: probablyMeant(
        nameOf(one.release),
        releasesThere(facts, knowledge),
        knowledge.registry.namespaces.get(namespace),
      ),
    }),
  );
  return names.map((release) => {
    const target = { namespace, release };
    const beside = classBesideMediawiki(namespace, release, knowledge);
    const isFree = beside !== undefined || required.length === 0;
    const findings = facts.isMissing
      ? [missingNamespace(namespace, { environment: knowledge.environment, isGuess })]
      : [
          ...(isFree ? [] : [...shared, ...staleFindings(release, { facts, required, knowledge })]),
          ...treeWarnings(target, knowledge),
          ...(beside ? [notMediawiki(target, { class: beside })] : []),
          ...(!beside && isFree
            ? [...classUnknown(target, knowledge), nothingRequired(namespace, knowledge)]
            : []),
        ];
    const hasError = findings.some(({ severity }) => severity === "error");
    return {
      ...target,
      exists: existsOf(release, facts, knowledge),
      // Also where nothing is required: whether the namespace is there at all is not known then.
      ready: !hasError && facts.unread.length === 0,
      findings,
    };
  });
}

/** What MediaWiki needs first here. Of a service that could not be read nobody knows what it does not install. */
export function requiredHere(namespace: string, knowledge: PreflightKnowledge): readonly RequiredRelease[] {
  const { registry, environment, listed } = knowledge;
  const isUnread = unreadableService(namespace, knowledge) !== undefined;
  const classification = isUnread ? undefined : listed?.classification;
  return requiredSupport(namespace, { registry, environment, classification });
}

/** The names of the releases of a namespace, by the cluster and by the tree. */
function releasesThere(
  { namespace, releases = [] }: NamespaceFacts,
  { listed }: PreflightKnowledge,
): string[] {
  const installed = (listed?.classification.releases ?? []).filter(
    ({ release }) => release.installed && release.namespace === namespace,
  );
  return [
    ...installed.map(({ release }) => release.name),
    ...releases.filter(isKept).map(({ name }) => name),
  ];
}

function serviceOf({ release }: RequiredRelease, namespace: string, { listed }: PreflightKnowledge): string {
  return listed?.byId.get(release)?.release.service ?? namespace;
}

function missingNamespace(
  namespace: string,
  { environment, isGuess }: { readonly environment: string; readonly isGuess: boolean },
): PreflightFinding {
  const make = "make the namespace, with its quotas and rights, before anything is deployed to it";
  return {
    code: "namespace-missing",
    severity: "error",
    subject: `namespace ${namespace}`,
    message: "it is not in the cluster",
    remedy: isGuess ? `${make}; ${askTree} which namespaces belong to ${environment}` : make,
  };
}

/** Null where it could not be read. */
function existsOf(release: string, facts: NamespaceFacts, knowledge: PreflightKnowledge): boolean | null {
  if (!facts.releases) return null;
  if (release === anyRelease) return mediawikiIn(facts.namespace, facts.releases, knowledge).length > 0;
  return facts.releases.some((one) => one.name === release && isKept(one));
}

function staleFindings(
  target: string,
  context: {
    readonly facts: NamespaceFacts;
    readonly required: readonly RequiredRelease[];
    readonly knowledge: PreflightKnowledge;
  },
): PreflightFinding[] {
  const { facts, required, knowledge } = context;
  const { settleSeconds } = knowledge.registry;
  const wanted = new Set(required.flatMap(({ services }) => services));
  // One without an address has a finding of its own.
  const services = (facts.services ?? [])
    .filter(({ name, clusterIp = "None" }) => wanted.has(name) && clusterIp !== "None")
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
  return [...podsByRelease(target, facts, knowledge)].flatMap(([release, pods]) =>
    services.flatMap((service) => staleFindingsOf(pods, { release, service, facts, settleSeconds })),
  );
}

/** The pods of a target; for every release of a namespace, all pods but those that are known to be of others. */
function podsByRelease(target: string, facts: NamespaceFacts, knowledge: PreflightKnowledge) {
  const isMeant = (release: string) =>
    target === anyRelease
      ? classBesideMediawiki(facts.namespace, release, knowledge) === undefined
      : release === target;
  const byRelease = groupedBy(facts.pods ?? [], ({ release = anyRelease }) => release);
  return sortedBy([...byRelease], ([release]) => release).filter(([release]) => isMeant(release));
}
