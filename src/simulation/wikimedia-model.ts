import type { ClusterModel, ReleaseModel } from "./chart-model.ts";

const seconds = (from: number, to: number): readonly [number, number] => [from * 1000, to * 1000];

const ordinary: ReleaseModel = {
  kind: "Deployment",
  pods: 2,
  helmMs: seconds(1, 2.5),
  startDelayMs: seconds(1, 12),
  readyMs: seconds(3, 15),
  serviceDelayMs: seconds(1, 4),
  provides: [],
  variables: [],
  livesWithout: false,
  // As the helmfiles of Wikimedia's services have it: atomic, ten minutes.
  timeoutMs: 600_000,
  atomic: true,
};

const slowToStart: Partial<ReleaseModel> = {
  pods: 4,
  startDelayMs: seconds(10, 30),
  readyMs: seconds(15, 60),
};

/** Command-line work of MediaWiki: without the variable it runs on, and its metrics go nowhere. */
const commandLine: Partial<ReleaseModel> = { kind: "Job", livesWithout: true };

/**
 * Wikimedia's charts. php-fpm reads the variable of the Service that the release `prometheus` of its own namespace
 * provides, and dies without (T397685). The durations are plausible, not measured: pulls are short, as after
 * scap's own, so that containers start while the Service is still on its way.
 */
export const wikimediaModel: ClusterModel = {
  default: ordinary,
  charts: {
    mediawiki: {
      pods: 3,
      helmMs: seconds(1.5, 4),
      startDelayMs: seconds(0.5, 6),
      readyMs: seconds(4, 12),
      variables: ["STATSD_EXPORTER_PROMETHEUS_SERVICE_HOST"],
    },
    "mediawiki-common": { pods: 0 },
    "statsd-exporter": {
      pods: 1,
      helmMs: seconds(1, 2),
      startDelayMs: seconds(0.5, 6),
      readyMs: seconds(1, 4),
      provides: ["statsd-exporter-{name}"],
    },
    mcrouter: { kind: "DaemonSet", pods: 12, startDelayMs: seconds(1, 10), readyMs: seconds(1, 5) },
    kartotherian: slowToStart,
    "tegola-vector-tiles": slowToStart,
    thumbor: slowToStart,
    toolhub: slowToStart,
    "flink-app": { startDelayMs: seconds(10, 30), readyMs: seconds(10, 40) },
  },
  overrides: [
    { chart: "mediawiki", namespace: "mw-cron", model: { ...commandLine, pods: 6 } },
    { chart: "mediawiki", namespace: "mw-script", model: commandLine },
    { chart: "mediawiki", namespace: "mw-videoscaler", model: commandLine },
  ],
};
