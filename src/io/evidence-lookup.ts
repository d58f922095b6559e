import type { ClusterFailure } from "../core/cluster/cluster-failure.ts";
import type { ClusterReader } from "../core/cluster/cluster-reader.ts";
import { ok, type Result } from "../core/common/result.ts";
import type { Evidence } from "../core/evidence/evidence.ts";
import type { LogQuestion, VariablesQuestion } from "../core/evidence/evidence-questions.ts";
import type { EvidenceTracker } from "../core/evidence/evidence-tracker.ts";
import { providersOf, type ServiceOrigins } from "../core/evidence/lack-verdict.ts";
import {
  type ConfigMapFacts,
  configMapFacts,
  lackingVariables,
  variablesReadBy,
} from "../core/evidence/missing-variables.ts";

type ConfigMapRead = Result<ConfigMapFacts | undefined, ClusterFailure>;

/** Looks up in one namespace what a step's tracker asks, and hands it the answers. */
export class EvidenceLookup {
  readonly #reader: ClusterReader;
  readonly #tracker: EvidenceTracker;
  readonly #origins: Omit<ServiceOrigins, "releases">;
  /**
   * ConfigMaps by name, and when the pod was made for which each was read: helm changes them before it makes new pods.
   */
  readonly #configMaps = new Map<string, { readonly read: Promise<ConfigMapRead>; readonly podAt: number }>();

  constructor(reader: ClusterReader, tracker: EvidenceTracker, origins: Omit<ServiceOrigins, "releases">) {
    this.#reader = reader;
    this.#tracker = tracker;
    this.#origins = origins;
  }

  /** The log of the run that crashed, which is the one before the present where the container began anew. */
  async log(question: LogQuestion): Promise<readonly Evidence[]> {
    const first = await this.#reader.log(question.container, { previous: !question.hasEnded });
    if (first.ok && first.value.length > 0) return this.#tracker.logRead(question, first);
    const second = await this.#reader.log(question.container, { previous: question.hasEnded });
    return this.#tracker.logRead(question, second.ok || !first.ok ? second : first);
  }

  async variables(question: VariablesQuestion): Promise<readonly Evidence[]> {
    const { namespace } = this.#origins;
    const { container, pod, startedAt } = question;
    const found = await Promise.all(
      container.configMaps.map(async (name) => [name, await this.#configMap(name, pod.createdAt)] as const),
    );
    const unread = found.flatMap(([name, read]) =>
      read.ok ? [] : this.#tracker.lookupFailed(`ConfigMap ${namespace}/${name}`, read.failure),
    );
    const configMaps = new Map(
      found.flatMap(([name, read]) => (read.ok && read.value ? [[name, read.value] as const] : [])),
    );
    const read = variablesReadBy(container, configMaps);
    if (read.size === 0) return unread;
    const services = await this.#reader.services(namespace);
    if (!services.ok) {
      return [...unread, ...this.#tracker.lookupFailed(`the Services of ${namespace}`, services.failure)];
    }
    const lacking = lackingVariables(read, {
      services: services.value.services,
      serviceLinks: pod.serviceLinks,
      startedAt,
    });
    const needsReleases = lacking.some(
      ({ service, why }) => why === "no-service" && providersOf(service, this.#origins).length > 0,
    );
    const releases = needsReleases ? await this.#reader.releases(namespace) : undefined;
    // One that is not there, or cannot be read, may set the variable at the next start.
    const knowsOwn = container.envFromConfigMaps.every(({ name }) => configMaps.has(name));
    const asked = { ...question, mayConclude: question.mayConclude && knowsOwn };
    return [...unread, ...this.#tracker.variablesRead(asked, lacking, { ...this.#origins, releases })];
  }

  /** Read once, and again for a newer pod, or where there was nothing to keep. */
  async #configMap(name: string, podAt: number): Promise<ConfigMapRead> {
    const known = this.#configMaps.get(name);
    if (known && known.podAt >= podAt) return known.read;
    const entry = { read: this.#readConfigMap(name), podAt };
    this.#configMaps.set(name, entry);
    const read = await entry.read;
    if (!(read.ok && read.value) && this.#configMaps.get(name) === entry) this.#configMaps.delete(name);
    return read;
  }

  async #readConfigMap(name: string): Promise<ConfigMapRead> {
    const read = await this.#reader.configMap(this.#origins.namespace, name);
    if (!read.ok || !read.value) return read.ok ? ok(undefined) : read;
    return ok(configMapFacts(read.value));
  }
}
