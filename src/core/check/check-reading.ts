import { firstOf } from "../common/words.ts";
import type { CheckFacts } from "./check-facts.ts";
import type { Found } from "./finding.ts";

/** What could not be read or rendered, and so was not checked; and what stands in the way of any plan. */
export function checkReading({ environments, isAsked }: CheckFacts): Found[] {
  return environments.flatMap(({ environment, tree, rendered, planFaults, withoutManifests }): Found[] => [
    ...tree.unreadable
      .filter(({ service }) => isAsked(service))
      .map(({ service, message }) => ({
        ...({ code: "service-unreadable", severity: "warning", environment, subject: service } as const),
        message: `the service ${service} could not be read, so that nothing of it is checked: ${message}`,
      })),
    ...(rendered?.notRendered ?? []).map(({ release, message }) => ({
      ...({ code: "chart-not-rendered", severity: "warning", environment, subject: release } as const),
      message: `${release} could not be rendered, so that what it needs is not checked: ${cause(message)}`,
    })),
    ...(withoutManifests.length === 0 ? [] : [noManifests(withoutManifests, environment)]),
    ...(rendered?.faults ?? []).map(({ code, message, remedy, place }) => ({
      ...({ code, severity: "warning", environment, subject: place?.file ?? "manifests", message } as const),
      ...(remedy === undefined ? {} : { remedy }),
      ...(place ? { place } : {}),
    })),
    ...planFaults.map(({ code, message, remedy, place }) => ({
      ...({ code, severity: "error", environment, subject: "plan", message } as const),
      ...(remedy === undefined ? {} : { remedy }),
      ...(place ? { place } : {}),
    })),
  ]);
}

/** One for all: whoever hands in the manifests of a few releases knows that. */
function noManifests(ids: readonly string[], environment: string): Found {
  return {
    ...{ code: "manifests-missing", severity: "warning", environment, subject: environment },
    message: `the manifests have nothing of ${firstOf(ids, 8)}, so that what these need is not checked`,
    remedy: "add their manifests, or choose services by -s and --exclude",
  };
}

/** helmfile repeats helm's whole command, with folders that are another one each time: what helm said is enough. */
function cause(message: string): string {
  const said = /^STDERR:\n((?: +\S.*\n?)+)/m.exec(message)?.[1]?.trim().split("\n")[0];
  return said ?? message;
}
