// Objects of Kubernetes of the size and shape of those that MediaWiki's charts make.
import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";

export const nodeName = "node-1";

/** What a chart mounts into the containers of a pod of MediaWiki. */
const configMaps = "cluster-config httpd php-envvars php-ini mcrouter rsyslog tls-proxy geoip".split(" ");

/** What runs beside php-fpm. */
const sidecars = "httpd php-exporter rsyslog tls-proxy".split(" ");

/**
 * A pod of some 20 KB, half of it what the API server adds.
 *
 * @param {{ namespace: string, release: string, at: number }} options
 */
export function mediawikiPod({ namespace, release, at }) {
  const labels = { app: "mediawiki", release, deployment: namespace, "routed-via": release };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: `mediawiki-${release}-5d8f97b797-${String(at).padStart(5, "0")}`,
      namespace,
      labels: { ...labels, "pod-template-hash": "5d8f97b797" },
      annotations: Object.fromEntries(
        configMaps.slice(0, 4).map((name) => [`checksum/${name}`, "9ee4704c560ca429c304d79a".repeat(2)]),
      ),
    },
    spec: {
      // Not scheduled: there is nobody who would.
      nodeName,
      terminationGracePeriodSeconds: 0,
      containers: [
        { ...container("app", release), command: ["php-fpm", "--nodaemonize"], envFrom: [envVars(release)] },
        ...sidecars.map((name) => container(name, release)),
      ],
      volumes: configMaps.map((name) => ({
        name,
        configMap: { name: `${release}-${name}`, optional: true },
      })),
    },
  };
}

function container(/** @type {string} */ name, /** @type {string} */ release) {
  const resources = { cpu: "500m", memory: "600Mi" };
  const variables = Array.from({ length: name === "app" ? 20 : 3 }, (_, at) => ({
    name: `${name.replaceAll("-", "_").toUpperCase()}__SETTING_${at}`,
    value: at % 4 === 0 ? `/srv/mediawiki/php-1.46.0/${name}/setting-${at}` : `${at}`,
  }));
  return {
    name: `mediawiki-${release}-${name}`,
    image: `docker-registry.example.org/restricted/mediawiki-${name}:2026-11-22-150000-publish`,
    env: [{ name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }, ...variables],
    livenessProbe: {
      tcpSocket: { port: 8080 },
      initialDelaySeconds: 2,
      periodSeconds: 10,
      timeoutSeconds: 2,
    },
    readinessProbe: { httpGet: { path: "/healthz", port: 9181 }, timeoutSeconds: 5 },
    resources: { requests: resources, limits: resources },
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] }, runAsNonRoot: true },
    volumeMounts: configMaps
      .slice(0, name === "app" ? configMaps.length : 2)
      .map((volume) => ({ name: volume, mountPath: `/etc/${name}/${volume}`, readOnly: true })),
  };
}

function envVars(/** @type {string} */ release) {
  return { configMapRef: { name: `${release}-php-envvars`, optional: true } };
}

/** @typedef {{ waiting: object } | { running: object } | { terminated: object }} State */

/**
 * What kubelet reports of a pod.
 *
 * @param {ReturnType<typeof mediawikiPod>} pod
 * @param {{ restarts?: number, state?: State, lastState?: object, ready?: boolean }} [php] its first container, where it
 *   does not run like the others
 */
export function podStatus(pod, php = {}) {
  const now = `${new Date().toISOString().slice(0, 19)}Z`;
  const { restarts = 0, state = { running: { startedAt: now } }, lastState = {}, ready = true } = php;
  const condition = (/** @type {string} */ type, /** @type {boolean} */ isSo) => ({
    type,
    status: isSo ? "True" : "False",
    lastTransitionTime: now,
    ...(isSo ? {} : { reason: "ContainersNotReady", message: "containers with unready status: [app]" }),
  });
  return {
    phase: "Running",
    hostIP: "127.0.0.1",
    podIP: "10.64.0.1",
    startTime: now,
    conditions: [
      condition("PodScheduled", true),
      condition("Initialized", true),
      condition("ContainersReady", ready),
      condition("Ready", ready),
    ],
    containerStatuses: pod.spec.containers.map(({ name, image }, at) => ({
      name,
      image,
      imageID: `${image}@sha256:${"4f53cda18c2baa0c".repeat(4)}`,
      containerID: `containerd://${"9c0354cf40aee104".repeat(4)}`,
      started: true,
      ...(at === 0
        ? { ready, restartCount: restarts, state, lastState }
        : { ready: true, restartCount: 0, state: { running: { startedAt: now } }, lastState: {} }),
    })),
  };
}

/** A Service that gets a cluster IP. */
export function service(/** @type {string} */ name) {
  const ports = [{ name: "metrics", port: 9102, targetPort: 9102 }];
  return { apiVersion: "v1", kind: "Service", metadata: { name }, spec: { ports, selector: { app: name } } };
}

/**
 * One revision of a release as helm keeps it, some 30 KB.
 *
 * @param {{ namespace: string, release: string, revision: number, isNewest: boolean }} options
 */
export function helmRecord({ namespace, release, revision, isNewest }) {
  const status = isNewest ? "deployed" : "superseded";
  const time = "2026-11-22T15:00:00.000000000Z";
  const record = {
    name: release,
    info: { first_deployed: time, last_deployed: time, deleted: "", description: "Upgrade complete", status },
    // What cannot be compressed stands for what was: templates, values and manifest of a real chart.
    chart: {
      metadata: { name: release, version: "1.0.0", apiVersion: "v2", appVersion: "1" },
      templates: [{ name: "templates/all.yaml", data: randomBytes(15_000).toString("base64") }],
      values: {},
    },
    config: {},
    manifest: "---\n",
    version: revision,
    namespace,
  };
  const payload = gzipSync(JSON.stringify(record)).toString("base64");
  return {
    apiVersion: "v1",
    kind: "Secret",
    type: "helm.sh/release.v1",
    metadata: {
      name: `sh.helm.release.v1.${release}.v${revision}`,
      labels: { owner: "helm", name: release, status, version: `${revision}`, modifiedAt: "1795360000" },
    },
    // helm's own base64, within that of the API.
    data: { release: Buffer.from(payload).toString("base64") },
  };
}
