import { adviseDnsNames } from "./check-dns.ts";
import type { CheckFacts } from "./check-facts.ts";
import type { Found } from "./finding.ts";

/** Couplings that could go away: a name in DNS is there before the Service is, a variable is not. */
export function adviseDns({ environments }: CheckFacts): Found[] {
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
