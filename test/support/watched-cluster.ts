import type { ClusterFailure } from "../../src/core/cluster/cluster-failure.ts";
import type {
  ClusterReader,
  ContainerFacts,
  EventFacts,
  HelmRelease,
  PodFacts,
  Reading,
  ServiceFacts,
  WatchTaker,
} from "../../src/core/cluster/cluster-reader.ts";
import { fail, ok, type Result } from "../../src/core/common/result.ts";

type Answer<Value> = Result<Value, ClusterFailure>;

/** When the steps of a test begin, on the cluster's clock. */
export const stepBegins = 1_000_000;

export const throttled: ClusterFailure = { kind: "throttled", message: "GET /api/v1: 429" };

/** A cluster whose watch says what a test tells it to say, and which answers what the test has put there. */
export class WatchedCluster implements ClusterReader {
  /** What was asked, in order, without the watches. */
  readonly asked: string[] = [];
  /** The signal of each watch that was begun. */
  readonly watches: AbortSignal[] = [];
  serviceAnswer: Answer<readonly ServiceFacts[]> = ok([]);
  releaseAnswer: Answer<readonly HelmRelease[]> = ok([]);
  readonly configMaps = new Map<string, Answer<Readonly<Record<string, string>>>>();
  /** By container, and whether it is the log of the run before: `php previous`. */
  readonly logs = new Map<string, Answer<readonly string[]>>();
  /** Logs are not answered. */
  hangs = false;
  /** Services are answered only when this resolves. */
  servicesWait: Promise<void> = Promise.resolve();
  readonly #takers: WatchTaker[] = [];

  watch(_namespace: string, taker: WatchTaker, signal: AbortSignal): void {
    this.watches.push(signal);
    this.#takers.push(taker);
  }

  /** Says it even where the watch has ended, as a connection may that is just being closed. */
  pod(pod: PodFacts): void {
    for (const taker of this.#takers) taker.pod(pod);
  }

  event(event: EventFacts): void {
    for (const taker of this.#takers) taker.event(event);
  }

  fail(failure: ClusterFailure): void {
    for (const taker of this.#takers) taker.failed(failure);
  }

  async services(): Reading<{ now: number; services: readonly ServiceFacts[] }> {
    this.asked.push("services");
    await this.servicesWait;
    const answer = this.serviceAnswer;
    return answer.ok ? ok({ now: stepBegins, services: answer.value }) : answer;
  }

  async releases(): Reading<readonly HelmRelease[]> {
    this.asked.push("releases");
    return this.releaseAnswer;
  }

  async configMap(_namespace: string, name: string): Reading<Readonly<Record<string, string>> | undefined> {
    this.asked.push(`configMap ${name}`);
    return this.configMaps.get(name) ?? ok(undefined);
  }

  async log(
    { container }: { readonly container: string },
    { previous = false }: { readonly previous?: boolean } = {},
  ): Reading<readonly string[]> {
    const name = `${container}${previous ? " previous" : ""}`;
    this.asked.push(`log ${name}`);
    if (this.hangs) return new Promise(() => undefined);
    return this.logs.get(name) ?? fail({ kind: "server-error", message: `there is no log ${name}` });
  }

  identity = () => notAsked("identity");
  namespaces = () => notAsked("namespaces");
  hasNamespace = () => notAsked("hasNamespace");
  podCounts = () => notAsked("podCounts");
  pods = () => notAsked("pods");
  podAges = () => notAsked("podAges");
  daemonSets = () => notAsked("daemonSets");
}

function notAsked(what: string): never {
  throw new Error(`nobody that watches asks for ${what}`);
}

/** A pod of mw-web/main that was made when the step had begun, with one container that runs. */
export function podFacts(overrides: Partial<PodFacts> = {}): PodFacts {
  return {
    namespace: "mw-web",
    name: "mediawiki-main-5d8f7c9b6-x2kqp",
    release: "main",
    owner: { kind: "Deployment", name: "mediawiki-main" },
    createdAt: stepBegins + 2_000,
    deleted: false,
    serviceLinks: true,
    containers: [containerFacts()],
    ...overrides,
  };
}

export function containerFacts(overrides: Partial<ContainerFacts> = {}): ContainerFacts {
  return {
    name: "php",
    init: false,
    state: { kind: "running", startedAt: stepBegins + 3_000 },
    restarts: 0,
    variables: [],
    defaultedVariables: [],
    ownVariables: [],
    configMaps: [],
    envFromConfigMaps: [],
    hasSecretEnvironment: false,
    ...overrides,
  };
}

/** A container that ended `restarts` times before, and has now again. */
export function crashed(
  restarts = 0,
  overrides: Partial<ContainerFacts> = {},
  exitCode = 78,
): ContainerFacts {
  const startedAt = stepBegins + 10_000 * (restarts + 1);
  return containerFacts({
    state: { kind: "ended", exitCode, reason: "Error", startedAt },
    restarts,
    ...overrides,
  });
}
