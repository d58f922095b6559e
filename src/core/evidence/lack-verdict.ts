import type { ClusterFailure } from "../cluster/cluster-failure.ts";
import type { HelmRelease } from "../cluster/cluster-reader.ts";
import { mayStillProvide } from "../cluster/helm-status.ts";
import type { Result } from "../common/result.ts";
import type { ProvidedService } from "../plan/plan.ts";
import { isDoneKind, type StepOutcome } from "../rollout/outcome.ts";
import type { LackingVariable } from "./missing-variables.ts";

/** What is to be said about a variable that a container lacks. */
export interface LackVerdict {
  readonly message: string;
  readonly remedy?: string;
  /** No restart can mend it. */
  readonly hopeless: boolean;
}

/** What is known about where Services of a namespace come from. */
export interface ServiceOrigins {
  readonly namespace: string;
  readonly provides: readonly ProvidedService[];
  /** helm's releases of the namespace; undefined where nobody asked. */
  readonly releases: Result<readonly HelmRelease[], ClusterFailure> | undefined;
  /** How a step of the plan ended; undefined where it is still to come or runs. */
  readonly outcomeOf: (step: string) => StepOutcome["kind"] | undefined;
}

/** The releases that are known to provide a Service of the namespace. */
export function providersOf(
  service: string,
  { namespace, provides }: Pick<ServiceOrigins, "namespace" | "provides">,
): readonly ProvidedService[] {
  return provides.filter((one) => one.namespace === namespace && one.service === service);
}

/** Says what a container lacks and where it would come from, and whether there is hope. */
export function judgeLack(lack: LackingVariable, origins: ServiceOrigins): LackVerdict {
  const verdict = judgeAbsence(lack, origins);
  return { ...verdict, hopeless: verdict.hopeless && lack.isRequired };
}

function judgeAbsence(lack: LackingVariable, origins: ServiceOrigins): LackVerdict {
  const { variable, where, service, why } = lack;
  const reads = `reads ${variable} (${where})`;
  const known = providersOf(service, origins);
  switch (why) {
    case "came-late":
      return {
        message: `${reads}, and Service ${service} came too late for its last start: the next restart finds it`,
        hopeless: false,
      };
    case "headless":
      return {
        message: `${reads}, and Service ${service} has no address (clusterIP: None), so there is no such variable`,
        hopeless: false,
      };
    case "no-links":
      return {
        message: `${reads}, and its pod asks for no variables of Services (enableServiceLinks: false)`,
        // What nobody provides may be no variable of a Service at all.
        hopeless: lack.hasService || known.length > 0,
      };
    case "no-service": {
      const absent = `${reads}, and ${origins.namespace} has no Service ${service}`;
      const verdicts = known.map((provider) => judgeProvider(provider, origins));
      // One that may still bring it is enough.
      const { message, ...verdict } = verdicts.find(({ hopeless }) => !hopeless) ??
        verdicts[0] ?? { message: "no release is known to provide it", hopeless: false };
      return { message: `${absent}: ${message}`, ...verdict };
    }
  }
}

function judgeProvider(provider: ProvidedService, { releases, outcomeOf }: ServiceOrigins): LackVerdict {
  const { release, step, deployedBy } = provider;
  const would = `${release} would provide it`;
  const outcome = step === undefined ? undefined : outcomeOf(step);
  if (step !== undefined && outcome === undefined) {
    return {
      message: `${would}, and is still to come in this rollout or runs now (step ${step})`,
      hopeless: false,
    };
  }
  const remedy = deployedBy === undefined ? {} : { remedy: deployedBy };
  if (!releases?.ok) {
    const reason = releases ? `: ${releases.failure.message}` : "";
    return {
      message: `${would}, and whether it is deployed could not be found out${reason}`,
      ...remedy,
      hopeless: false,
    };
  }
  const status = releases.value.find(({ namespace, name }) => `${namespace}/${name}` === release)?.status;
  if (status !== undefined && mayStillProvide(status)) {
    return { message: `${would}, and is ${status}, without the Service so far`, hopeless: false };
  }
  const state = status === undefined ? "is not deployed" : `is ${status} in helm's records`;
  if (outcome !== undefined) {
    const message = `${would}, and ${state}: its step ${step} ${said[outcome]}`;
    return { message, ...remedy, hopeless: !isDoneKind(outcome) };
  }
  const both =
    status === undefined
      ? "is neither deployed nor part of this rollout"
      : `${state} and not part of this rollout`;
  return { message: `${would}, and ${both}`, ...remedy, hopeless: true };
}

const said: Readonly<Record<StepOutcome["kind"], string>> = {
  succeeded: "succeeded",
  skipped: "was skipped",
  failed: "failed",
  blocked: "was blocked",
  cancelled: "was cancelled",
};
