import { clusterCommand } from "../cluster/cluster-command.ts";
import type { HelmRelease, ServiceFacts } from "../cluster/cluster-reader.ts";
import { isHalfDone, isKept } from "../cluster/helm-status.ts";
import { renderPlace } from "../common/diagnostic.ts";
import { nameOf } from "../common/release.ts";
import { variableOf } from "../manifests/service-variable.ts";
import type { RequiredRelease } from "../registry/required-support.ts";
import { mendingWords } from "../rollout/pending-releases.ts";
import type { NamespaceFacts } from "./preflight-facts.ts";
import type { PreflightFinding } from "./preflight-report.ts";

/** What is wrong with a support release of a namespace and with its Services, as far as they could be read. */
export function supportFindings(
  required: RequiredRelease,
  context: {
    readonly facts: NamespaceFacts;
    readonly environment: string;
    /** The command that deploys the release. */
    readonly deploy: string;
    /** The release that the registry probably means, where this one is nowhere. */
    readonly meant: string | undefined;
  },
): PreflightFinding[] {
  const { facts, environment, deploy, meant } = context;
  const name = nameOf(required.release);
  const record = facts.releases?.find((release) => release.name === name);
  const line = required.place ? ` (${renderPlace(required.place)})` : "";
  const guess = meant === undefined ? "" : `did you mean ${meant}${line}? Else `;
  const trouble =
    required.installed === false
      ? notListed(required, { name, environment, guess })
      : facts.releases && releaseTrouble(record, { facts, deploy, guess });
  const finding = trouble && error(`release ${required.release}`, trouble);
  const remedy = finding?.remedy ?? recreate(record, facts) ?? deploy;
  return [
    ...(finding ? [finding] : []),
    ...required.services.flatMap((service) => serviceFindings(service, { facts, remedy })),
  ];
}

/** A finding before it is told what it is about. */
type Trouble = Pick<PreflightFinding, "code" | "message" | "remedy">;

function error(subject: string, { code, message, remedy }: Trouble): PreflightFinding {
  return { code, severity: "error", subject, message, remedy };
}

function notListed(
  { place }: RequiredRelease,
  {
    name,
    environment,
    guess,
  }: { readonly name: string; readonly environment: string; readonly guess: string },
): Trouble {
  const line = place ? ` (${renderPlace(place)})` : "";
  return {
    code: "support-not-listed",
    message: `the registry requires it${line}, and no helmfile installs it in ${environment}`,
    remedy: `${guess}add it to the helmfile, or name the environments that need it: { release: ${name}, environments: […] }`,
  };
}

function releaseTrouble(
  record: HelmRelease | undefined,
  context: { readonly facts: NamespaceFacts; readonly deploy: string; readonly guess: string },
): Trouble | undefined {
  const { facts, deploy, guess } = context;
  const needed = "MediaWiki needs it first, and";
  if (!record || !isKept(record)) {
    const state = record ? "it is uninstalled" : "it is not deployed";
    return { code: "support-missing", message: `${needed} ${state}`, remedy: `${guess}${deploy}` };
  }
  const { status, revision } = record;
  if (isHalfDone(status)) {
    return {
      code: "support-pending",
      message: `${needed} it is ${status} (revision ${revision}): a helm that was interrupted left it so, unless one is at work on it now`,
      remedy: mendThenDeploy(record, { facts, deploy }),
    };
  }
  switch (status) {
    case "deployed":
      return undefined;
    case "failed":
      return {
        code: "support-failed",
        message: `${needed} its deployment failed (revision ${revision})`,
        remedy: deploy,
      };
    case "superseded":
      return {
        code: "support-superseded",
        message: `${needed} all its revisions are superseded: none is deployed`,
        remedy: deploy,
      };
    default:
      return {
        code: "support-not-deployed",
        message: `${needed} it is ${status} (revision ${revision}), which is not deployed`,
        remedy: deploy,
      };
  }
}

function mendThenDeploy(
  { name, status, fallbackRevision: rollbackTo }: HelmRelease,
  { facts, deploy }: { readonly facts: NamespaceFacts; readonly deploy: string },
): string {
  const words = mendingWords({ name, status, ...(rollbackTo !== undefined && { rollbackTo }) });
  if (words) return `${clusterCommand("helm", words.join(" "), facts)} && ${deploy}`;
  const history = clusterCommand("helm", `history ${name}`, facts);
  return `no revision is known to go back to: look at ${history}, mend it by hand, then ${deploy}`;
}

/**
 * What brings back a Service that somebody deleted. helmfile's apply does not: it compares with helm's record of what
 * it deployed, and finds no difference.
 */
function recreate(record: HelmRelease | undefined, facts: NamespaceFacts): string | undefined {
  return record && clusterCommand("helm", `rollback ${record.name} ${record.revision}`, facts);
}

function serviceFindings(
  name: string,
  { facts, remedy }: { readonly facts: NamespaceFacts; readonly remedy: string },
): PreflightFinding[] {
  if (!facts.services) return [];
  const service = facts.services.find((one) => one.name === name);
  const trouble = serviceTrouble(service, { name, facts, remedy });
  return trouble ? [error(`service ${facts.namespace}/${name}`, trouble)] : [];
}

function serviceTrouble(
  service: ServiceFacts | undefined,
  context: { readonly name: string; readonly facts: NamespaceFacts; readonly remedy: string },
): Trouble | undefined {
  const { name, facts, remedy } = context;
  const variable = variableOf(name);
  if (!service) {
    return {
      code: "service-missing",
      message: `it is not there, so that containers start without ${variable}`,
      remedy,
    };
  }
  if (service.clusterIp === undefined) {
    return {
      code: "service-without-ip",
      message: `it has no cluster IP yet, so that containers start without ${variable}`,
      remedy: clusterCommand("kubectl", `describe service ${name}`, facts),
    };
  }
  if (service.clusterIp !== "None") return undefined;
  return {
    code: "service-headless",
    message: `it is headless (clusterIP: None), and such a Service never gives containers ${variable}`,
    remedy: `take "clusterIP: None" out of its chart; as it cannot be changed in place: ${clusterCommand("kubectl", `delete service ${name}`, facts)}; then deploy the chart`,
  };
}
