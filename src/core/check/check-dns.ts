import { namespaceOf } from "../common/release.ts";
import type { DerivedEdge, DerivedEvidence } from "../manifests/derived.ts";
import { serviceOf } from "../manifests/service-variable.ts";
import type { CheckFacts } from "./check-facts.ts";
import type { Found } from "./finding.ts";

/** Couplings that could go away: a name in DNS is there before the Service is, a variable is not. */
export function checkDns({ environments }: CheckFacts): Found[] {
  return environments.flatMap(({ environment, rendered }) =>
    adviseDnsNames(rendered?.derived.edges ?? []).map(
      ({ release, provider, variable, change, evidence }): Found => ({
        ...{ code: "dns-instead", severity: "hint", environment, subject: release, evidence },
        message: `${release} would not have to wait for ${provider} if it had no ${variable}: a name in DNS works whenever its Service is made`,
        remedy: change,
      }),
    ),
  );
}

/** How a coupling by a variable could go away: the Service has a name in DNS, whenever it is made. */
export interface DnsAdvice {
  /** The release that reads the variable. */
  readonly release: string;
  /** The release that makes the Service. */
  readonly provider: string;
  readonly variable: string;
  /** What to change, in words. */
  readonly change: string;
  readonly evidence: readonly DerivedEvidence[];
}

/**
 * Says of every variable by which one release needs another what could stand in its place. A container that is told a
 * name in DNS starts before the Service is there, and finds it later; one that is told a variable has to be restarted.
 */
export function adviseDnsNames(edges: readonly DerivedEdge[]): DnsAdvice[] {
  return edges
    .filter(({ kind }) => kind === "variable")
    .flatMap(({ from, to, evidence }) => {
      const variables = [...new Set(evidence.map(({ mention }) => mention))];
      return variables.map((variable) => adviseVariable({ from, to, variable, evidence }));
    });
}

function adviseVariable({
  from,
  to,
  variable,
  evidence,
}: Pick<DerivedEdge, "from" | "to" | "evidence"> & { readonly variable: string }): DnsAdvice {
  const own = evidence.filter(({ mention }) => mention === variable);
  const dnsName = `${serviceOf(variable)}.${namespaceOf(from)}.svc`;
  const value = valueOfVariable(variable, dnsName);
  const writers = [...new Set(own.map(({ release = from }) => release))].join(" and ");
  const change = own.some(({ text }) => text.includes(`env['${variable}']`))
    ? `in the values of ${writers}, let php.envvars.${variable} be ${value} instead of null`
    : `in the values of ${writers}, put ${value} where the chart writes ${variable}`;
  return { release: from, provider: to, variable, change, evidence: own };
}

/** What to put in its place: the name, or for a port that it is to be written out. A link is an address, `tcp://ADDRESS:PORT`, or a part of it. */
function valueOfVariable(variable: string, dnsName: string): string {
  if (/_SERVICE_HOST$|_ADDR$/.test(variable)) return dnsName;
  const [, port, protocol, part] = /_PORT_(\d+)_(TCP|UDP|SCTP)(?:_(PORT|PROTO))?$/.exec(variable) ?? [];
  if (port === undefined || protocol === undefined) {
    return /_SERVICE_PORT/.test(variable)
      ? "the number of the port"
      : `${dnsName} with the protocol and the number of the port`;
  }
  if (part === "PORT") return port;
  return part === "PROTO" ? protocol.toLowerCase() : `${protocol.toLowerCase()}://${dnsName}:${port}`;
}
