import { type Release, type ReleaseId, releaseId, type Tree } from "../../../src/core/common/release.ts";
import type { RunContext } from "../../../src/core/rollout/backend.ts";
import type { ClusterModel, ModelOverride } from "../../../src/simulation/chart-model.ts";
import type { HelmfileCall } from "../../../src/simulation/helmfile.ts";

export const variable = "STATSD_EXPORTER_PROMETHEUS_SERVICE_HOST";
export const web = releaseId("mw-web", "main");
export const exporter = releaseId("mw-web", "prometheus");
export const script = releaseId("mw-cron", "main");

/**
 * Every duration is fixed: helm works for 2 s (its objects are handed over then), a container of MediaWiki starts 1 s
 * later, the Service is known 3 s after the hand-over, a container is ready 5 s after a start.
 */
export const fixedModel: ClusterModel = {
  default: {
    kind: "Deployment",
    pods: 2,
    helmMs: [2000, 2000],
    startDelayMs: [1000, 1000],
    readyMs: [5000, 5000],
    serviceDelayMs: [3000, 3000],
    provides: [],
    variables: [],
    livesWithout: false,
    timeoutMs: 600_000,
    atomic: true,
  },
  charts: {
    mediawiki: { variables: [variable] },
    "statsd-exporter": { pods: 1, provides: ["statsd-exporter-{name}"] },
  },
  overrides: [{ chart: "mediawiki", namespace: "mw-cron", model: { kind: "Job", livesWithout: true } }],
};

export function withOverride(override: ModelOverride): ClusterModel {
  return { ...fixedModel, overrides: [...fixedModel.overrides, override] };
}

export function release(id: ReleaseId, chart: string, rest: Partial<Release> = {}): Release {
  const [namespace = "", name = ""] = id.split("/");
  return {
    id,
    service: namespace,
    namespace,
    name,
    chart: `wmf-stable/${chart}`,
    installed: true,
    labels: {},
    needs: [],
    ...rest,
  };
}

/** One service for each namespace. */
export function treeOf(...releases: readonly Release[]): Tree {
  const names = [...new Set(releases.map(({ service }) => service))];
  return {
    environment: "eqiad",
    services: names.map((name) => ({
      name,
      helmfile: `${name}/helmfile.yaml`,
      releases: releases.filter(({ service }) => service === name),
    })),
    absent: [],
    unreadable: [],
  };
}

/** MediaWiki and what it needs, in one namespace. */
export const mwWeb: Tree = treeOf(release(exporter, "statsd-exporter"), release(web, "mediawiki"));

export function call(...releases: readonly ReleaseId[]): HelmfileCall {
  const service = releases[0]?.split("/")[0] ?? "";
  return { service, helmfile: `${service}/helmfile.yaml`, releases: [...releases], action: "sync" };
}

/** A context that keeps what was printed, and the controller that stops it. */
export function listening(): RunContext & { readonly lines: string[]; readonly controller: AbortController } {
  const lines: string[] = [];
  const controller = new AbortController();
  return { lines, controller, signal: controller.signal, output: (line) => lines.push(line) };
}
