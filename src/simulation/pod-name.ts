import { chartName, type Release } from "../core/common/release.ts";
import type { ReleaseModel } from "./chart-model.ts";
import { draw, drawText } from "./draw.ts";

/** The characters that Kubernetes makes random names of: no vowels, so that no words come out. */
const safe = "bcdfghjklmnpqrstvwxz2456789";

export interface PodOfRelease {
  readonly release: Release;
  readonly kind: ReleaseModel["kind"];
  /** How often the release was installed, this time included: pods of a later try have other names. */
  readonly attempt: number;
  readonly index: number;
  readonly seed: string;
}

/** A name as the controllers give it, for example `mediawiki-main-5d8f7c9b6-x2kqp`. */
export function podName(pod: PodOfRelease): string {
  const { release, kind, attempt, index, seed } = pod;
  const key = `${seed}|${release.id}|pod`;
  const suffix = drawText(safe, 5, `${key}|${attempt}|${index}`);
  // A Deployment's pods have the template's hash before it: a second try with the same template has the same.
  const hash = kind === "Deployment" ? `-${drawText(safe, 9, `${key}|template`)}` : "";
  return `${ownerName(pod)}${hash}-${suffix}`;
}

/** The name of the Deployment, DaemonSet or Job that keeps the pod. CronJobs name their Jobs by the minute. */
export function ownerName({ release, kind, index, seed }: Omit<PodOfRelease, "attempt">): string {
  const workload = workloadName(release);
  if (kind !== "Job") return workload;
  return `${workload}-${draw([29_000_000, 29_999_999], `${seed}|${release.id}|pod|${index}`)}`;
}

/** As charts' `fullname` template has it: a release whose name holds the chart's does not repeat it. */
export function workloadName({ chart, name }: Release): string {
  return name.includes(chartName(chart)) ? name : `${chartName(chart)}-${name}`;
}
