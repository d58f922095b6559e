import { setTimeout as sleep } from "node:timers/promises";
import { prepareContainerStart } from "./container-start.ts";
import { Doorbell } from "./doorbell.ts";
import type { KubeletEvent, PodEvent } from "./kubelet-event.ts";
import { type Following, ignore, type KubernetesApi } from "./kubernetes-api.ts";
import { type Pod, podListSchema } from "./pod.ts";
import { type ContainerReport, type PodReport, podStatus } from "./pod-status.ts";

const longestBackOff = 300;

/**
 * Milliseconds from one look at the pods to the next at least, so that one look sees many changes; at most, where nothing
 * has changed; and from one try to mount a ConfigMap to the next.
 */
const interval = 150;
const longestInterval = 5_000;
const mountRetry = 500;

/** How php-fpm ends when it cannot read its configuration: it does not name the variable that was empty. */
const configurationFailure = 78;
const phpFpmLog = `ERROR: [/etc/php/fpm/env/envvars.inc:1] empty value
ERROR: Unable to include /etc/php/fpm/env/envvars.inc from /etc/php/fpm/pool.d/www.conf at line 1
ERROR: failed to load configuration file '/etc/php/fpm/php-fpm.conf'
ERROR: FPM initialization failed
`;

interface TendedPod extends PodReport {
  transitionTime: string;
  ready: boolean;
  readonly containers: readonly TendedContainer[];
  /** The status that the cluster has, as text. */
  reported: string;
}

interface TendedContainer extends ContainerReport {
  restarts: number;
  state: ContainerReport["state"];
  lastEnd: ContainerReport["lastEnd"];
  /** When to start it, in milliseconds since the epoch; undefined while it runs. */
  startAt: number | undefined;
  log: string;
}

/** Binds the pods of a cluster to one node, starts their containers, reports them, and removes them at their end. */
export class PodKeeper {
  readonly history: KubeletEvent[] = [];
  readonly #cluster: Pick<KubernetesApi, "request" | "follow">;
  readonly #nodeName: string;
  readonly #backOff: number;
  readonly #tended = new Map<string, TendedPod>();
  readonly #bell = new Doorbell();
  /** The cluster says here that a pod has changed. */
  #changes: Following | undefined;
  #stopped = false;
  #addresses = 0;

  constructor(
    cluster: Pick<KubernetesApi, "request" | "follow">,
    options: { nodeName: string; backOff: number },
  ) {
    this.#cluster = cluster;
    this.#nodeName = options.nodeName;
    this.#backOff = options.backOff;
  }

  async run(): Promise<void> {
    let sees = true;
    while (!this.#stopped) {
      try {
        this.#follow();
        await this.#look();
        sees = true;
      } catch (error) {
        // Once for each time: a test may have stopped the API server.
        if (sees) console.error(`the stand-in kubelet goes on after: ${error}`);
        sees = false;
      }
      await sleep(interval);
      await this.#bell.heard(sees ? this.#untilNextStart() : 0);
    }
    this.#changes?.end();
  }

  stop(): void {
    this.#stopped = true;
    this.#bell.ring();
  }

  /** Each look asks for all pods anew: what changes only says when. */
  #follow(): void {
    if (this.#changes !== undefined) return;
    const changes = this.#cluster.follow("/api/v1/pods?watch=1", this.#bell.ring);
    this.#changes = changes;
    changes.ended.then(() => {
      this.#changes = undefined;
      this.#bell.ring();
    });
  }

  #untilNextStart(): number {
    const containers = [...this.#tended.values()].flatMap(({ containers }) => containers);
    const starts = containers.flatMap(({ startAt }) => startAt ?? []);
    return Math.max(0, Math.min(longestInterval, ...starts.map((at) => at - Date.now())));
  }

  restart(namespace: string, release: string): void {
    for (const { pod, containers } of this.#tended.values()) {
      if (pod.metadata.namespace !== namespace || releaseOf(pod) !== release) continue;
      for (const tended of containers) {
        if (tended.state.kind !== "running") continue;
        tended.lastEnd = { exitCode: 0, startedAt: tended.state.startedAt, finishedAt: now() };
        tended.restarts += 1;
        tended.startAt = Date.now();
      }
    }
    this.#bell.ring();
  }

  logOf(wanted: { namespace: string; pod: string; container: string }): string | undefined {
    const tended = [...this.#tended.values()].find(
      ({ pod }) => pod.metadata.namespace === wanted.namespace && pod.metadata.name === wanted.pod,
    );
    return tended?.containers.find(({ container }) => container.name === wanted.container)?.log;
  }

  async #look(): Promise<void> {
    const pods = podListSchema.parse(await this.#cluster.request("GET", "/api/v1/pods")).items;
    const present = new Set(pods.map((pod) => pod.metadata.uid));
    for (const [uid, { pod }] of this.#tended) {
      if (present.has(uid)) continue;
      this.#tended.delete(uid);
      this.history.push({ kind: "deleted", ...about(pod) });
    }
    // A pod may go, or change, between the list and what is done for it: the next look sees that.
    await Promise.all(pods.map((pod) => this.#tend(pod).catch(ignore(404, 409))));
  }

  async #tend(pod: Pod): Promise<void> {
    if (pod.metadata.deletionTimestamp !== undefined) {
      await this.#cluster.request("DELETE", `${podPath(pod)}?gracePeriodSeconds=0`);
      return;
    }
    if (pod.spec.nodeName === undefined) await this.#bind(pod);
    const tended = this.#tended.get(pod.metadata.uid) ?? this.#admit(pod);
    for (const container of tended.containers) {
      if (container.startAt !== undefined && container.startAt <= Date.now())
        await this.#start(pod, container);
    }
    await this.#report(tended);
  }

  #bind(pod: Pod): Promise<unknown> {
    const binding = {
      apiVersion: "v1",
      kind: "Binding",
      metadata: { name: pod.metadata.name },
      target: { apiVersion: "v1", kind: "Node", name: this.#nodeName },
    };
    return this.#cluster.request("POST", `${podPath(pod)}/binding`, binding);
  }

  #admit(pod: Pod): TendedPod {
    this.#addresses += 1;
    const tended: TendedPod = {
      pod,
      ip: `10.97.${Math.floor(this.#addresses / 250)}.${(this.#addresses % 250) + 1}`,
      startTime: now(),
      transitionTime: now(),
      ready: false,
      containers: pod.spec.containers.map((container) => ({
        container,
        restarts: 0,
        state: { kind: "creating" },
        lastEnd: undefined,
        startAt: Date.now(),
        log: "",
      })),
      reported: "",
    };
    this.#tended.set(pod.metadata.uid, tended);
    return tended;
  }

  async #start(pod: Pod, tended: TendedContainer): Promise<void> {
    const { container, restarts } = tended;
    const start = await prepareContainerStart(this.#cluster, pod, container);
    if (start.kind === "impossible") {
      tended.startAt = Date.now() + mountRetry;
      await this.#warn(
        pod,
        "FailedMount",
        `MountVolume.SetUp failed: configmap "${start.configMap}" not found`,
      );
      return;
    }
    const { variables, missing } = start;
    const event = { ...about(pod), container: container.name, restarts, missing };
    this.history.push({ kind: "started", ...event, variables });

    const startedAt = now();
    if (missing.length === 0 || isAnnotated(pod, "lives-without")) {
      tended.state = { kind: "running", startedAt };
      tended.startAt = undefined;
      tended.log = "NOTICE: ready to handle connections\n";
      return;
    }
    const seconds = Math.min(this.#backOff * 2 ** restarts, longestBackOff);
    const message = `back-off ${seconds}s restarting failed container=${container.name} pod=${pod.metadata.name}`;
    tended.state = { kind: "back-off", message };
    tended.lastEnd = { exitCode: configurationFailure, startedAt, finishedAt: now() };
    tended.restarts += 1;
    tended.startAt = Date.now() + seconds * 1000;
    tended.log = phpFpmLog;
    this.history.push({ kind: "crashed", ...event });
    await this.#warn(pod, "BackOff", "Back-off restarting failed container");
  }

  async #report(tended: TendedPod): Promise<void> {
    const { pod } = tended;
    const ready =
      tended.containers.every(({ state }) => state.kind === "running") && !isAnnotated(pod, "never-ready");
    const becameReady = ready && !tended.ready;
    if (ready !== tended.ready) tended.transitionTime = now();
    tended.ready = ready;
    const status = podStatus(tended);
    const text = JSON.stringify(status);
    if (text === tended.reported) return;
    await this.#cluster.request("PATCH", `${podPath(pod)}/status`, { status });
    tended.reported = text;
    if (becameReady) this.history.push({ kind: "ready", ...about(pod) });
  }

  /** One event for each reason and pod, as an operator would find it. */
  async #warn(pod: Pod, reason: string, message: string): Promise<void> {
    const { name, namespace, uid } = pod.metadata;
    const event = {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name: `${name}.${reason.toLowerCase()}` },
      involvedObject: { apiVersion: "v1", kind: "Pod", name, namespace, uid },
      type: "Warning",
      reason,
      message,
      source: { component: "kubelet", host: this.#nodeName },
      firstTimestamp: now(),
      lastTimestamp: now(),
      count: 1,
    };
    await this.#cluster.request("POST", `/api/v1/namespaces/${namespace}/events`, event).catch(ignore(409));
  }
}

function about(pod: Pod): PodEvent {
  const { name, namespace } = pod.metadata;
  return { at: Date.now(), namespace, release: releaseOf(pod), pod: name };
}

function releaseOf(pod: Pod): string {
  return pod.metadata.labels.release ?? "";
}

function isAnnotated(pod: Pod, name: string): boolean {
  return pod.metadata.annotations[`e2e.charlie-mediawiki/${name}`] === "true";
}

function podPath(pod: Pod): string {
  return `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}`;
}

/** As Kubernetes writes times: whole seconds. */
function now(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, "Z");
}
