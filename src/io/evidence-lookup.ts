import type { ClusterFailure } from "../core/cluster-failure.ts";
import type { ClusterReader } from "../core/cluster-reader.ts";
import type {
  EvidenceTracker,
  LogQuestion,
  Observation,
  VariablesQuestion,
} from "../core/evidence-tracker.ts";
import { type Providers, providersOf } from "../core/lack-verdict.ts";
import { lackingVariables, mentionsOf, variablesIn } from "../core/missing-variables.ts";
import type { Result } from "../core/result.ts";

/** Looks up in one namespace what a step's tracker asks, and hands it the answers. */
export class EvidenceLookup {
  readonly #reader: ClusterReader;
  readonly #tracker: EvidenceTracker;
  readonly #providers: Omit<Providers, "releases">;
  /** The variables that a ConfigMap mentions, by its name: read once, and again only where that failed. */
  readonly #configMaps = new Map<string, Promise<Result<readonly string[], ClusterFailure>>>();

  constructor(reader: ClusterReader, tracker: EvidenceTracker, providers: Omit<Providers, "releases">) {
    this.#reader = reader;
    this.#tracker = tracker;
    this.#providers = providers;
  }

  /** The log of the run that crashed, which is the one before the present where the container began anew. */
  async log(question: LogQuestion): Promise<Observation> {
    const first = await this.#reader.log(question.container, { previous: !question.hasEnded });
    if (first.ok && first.value.length > 0) return this.#tracker.log(question, first);
    const second = await this.#reader.log(question.container, { previous: question.hasEnded });
    return this.#tracker.log(question, second.ok || !first.ok ? second : first);
  }

  async variables(question: VariablesQuestion): Promise<readonly Observation[]> {
    const { namespace } = this.#providers;
    const { container, pod, startedAt } = question;
    const found = await Promise.all(
      container.configMaps.map(async (name) => [name, await this.#mentioned(name)] as const),
    );
    const unread = found.flatMap(([name, { failure }]) =>
      failure ? [this.#tracker.lookupFailed(`ConfigMap ${namespace}/${name}`, failure)] : [],
    );
    const mentions = mentionsOf(container, new Map(found.map(([name, { variables }]) => [name, variables])));
    if (mentions.size === 0) return unread;
    const services = await this.#reader.services(namespace);
    if (!services.ok) {
      return [...unread, this.#tracker.lookupFailed(`the Services of ${namespace}`, services.failure)];
    }
    const lacking = lackingVariables(mentions, {
      services: services.value.services,
      serviceLinks: pod.serviceLinks,
      startedAt,
    });
    const needsReleases = lacking.some(
      ({ service, why }) => why === "no-service" && providersOf(service, this.#providers).length > 0,
    );
    const releases = needsReleases ? await this.#reader.releases(namespace) : undefined;
    return [...unread, this.#tracker.variables(question, lacking, { ...this.#providers, releases })];
  }

  async #mentioned(name: string): Promise<{ variables: readonly string[]; failure?: ClusterFailure }> {
    const known = this.#configMaps.get(name) ?? this.#readConfigMap(name);
    this.#configMaps.set(name, known);
    const read = await known;
    if (read.ok) return { variables: read.value };
    this.#configMaps.delete(name);
    return { variables: [], failure: read.failure };
  }

  /** Of a text that may be long, only the variables are kept. */
  async #readConfigMap(name: string): Promise<Result<readonly string[], ClusterFailure>> {
    const read = await this.#reader.configMap(this.#providers.namespace, name);
    if (!read.ok) return read;
    return { ok: true, value: Object.values(read.value ?? {}).flatMap(variablesIn) };
  }
}
