import type { Agent, IncomingMessage } from "node:http";
import type { RequestOptions } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterFailure } from "../core/cluster/cluster-failure.ts";
import { fail, ok, type Result } from "../core/common/result.ts";
import { type CallLimit, startCallLimit } from "./call-limit.ts";
import { readLines, readText, send, TooLarge } from "./http-get.ts";
import type { Kubeconfig } from "./kubeconfig.ts";
import { KubernetesConnections } from "./kubernetes-connections.ts";
import { clusterFailure, type FailedCall, failedByStatus, failureOfError } from "./kubernetes-failure.ts";

/**
 * Asks the API of one cluster. The official client library says how to get there (kubeconfig.ts); the calls are made
 * here, because its typed API parses every object whole by hundreds of models, cannot ask for metadata only, and its
 * Watch waits for ever for a server that takes the connection and never answers.
 */
export interface KubernetesClient {
  /** The server's address, without what must not be shown. */
  readonly server: string;
  get(request: ApiRequest): Promise<Result<Answer, FailedCall>>;
  /** Hands on the lines of an answer as they come, until the server ends it: that is `ok`. */
  follow(request: ApiRequest, follower: Follower): Promise<Result<undefined, FailedCall>>;
  /** Cancels what still runs, and all calls from now on. */
  close(): void;
}

export interface ApiRequest {
  /** In words, for messages: `the Services of mw-web`. */
  readonly what: string;
  /** See {@link apiPath}. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  /** @default application/json */
  readonly accept?: string;
  /** Aborts when nobody waits for this answer any more. */
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly text: string;
  /** When the server gave it, by its own clock, in milliseconds; whole seconds, as HTTP has it. */
  readonly at: number | undefined;
}

export interface Follower {
  /** The server has begun to answer. */
  readonly opened: () => void;
  /** @returns false to end it. */
  readonly line: (line: string) => boolean;
}

/** Finds the way to the cluster; the first time, that takes reading a file. */
export type Connect = () => Promise<Result<KubernetesClient, ClusterFailure>>;

export interface ClientOptions {
  /** How long one call may take, in milliseconds. */
  readonly limitMs: number;
  /** When nobody waits any more for an answer, by `performance.now()`. Does not end what is followed. */
  readonly deadline?: number | undefined;
  readonly onCall?: ((path: string) => void) | undefined;
  /** Those that it shares with others; whoever made them closes them. @default its own */
  readonly connections?: KubernetesConnections;
  /** The most bytes that an answer may have. @default 256 Mi */
  readonly maxBytes?: number;
  /** How long what is followed may be silent, in milliseconds. @default 120_000: bookmarks come each minute */
  readonly silenceMs?: number;
}

/** A path of the API, with the names in it escaped. */
export function apiPath(words: TemplateStringsArray, ...names: readonly string[]): string {
  return String.raw({ raw: words }, ...names.map((name) => encodeURIComponent(name)));
}

export function openKubernetesClient(kubeconfig: Kubeconfig, options: ClientOptions): KubernetesClient {
  return new HttpClient(kubeconfig, options);
}

const longestRetryAfterMs = 5_000;
/** A line is one object; etcd takes none of more than 1.5 MiB. */
const longestLine = 16 * 1024 * 1024;

class HttpClient implements KubernetesClient {
  readonly server: string;
  readonly #kubeconfig: Kubeconfig;
  readonly #options: ClientOptions;
  readonly #calls = new Set<CallLimit>();
  readonly #connections: KubernetesConnections;
  #closed = false;

  constructor(kubeconfig: Kubeconfig, options: ClientOptions) {
    this.#kubeconfig = kubeconfig;
    this.#options = options;
    this.server = kubeconfig.address;
    this.#connections = options.connections ?? new KubernetesConnections();
  }

  get(request: ApiRequest): Promise<Result<Answer, FailedCall>> {
    const { limitMs, deadline = Number.POSITIVE_INFINITY, maxBytes = 256 * 1024 * 1024 } = this.#options;
    const ms = Math.min(limitMs, deadline - performance.now());
    return this.#call(request, ms, async (limit) => {
      const opened = await this.#open(request, limit, this.#connections.shared(this.#kubeconfig.server));
      if (!opened.ok) return opened;
      const { date } = opened.value.headers;
      const at = Date.parse(date ?? "");
      const text = await readText(opened.value, maxBytes);
      return ok({ text, at: Number.isNaN(at) ? undefined : at });
    });
  }

  follow(request: ApiRequest, { opened: begin, line }: Follower): Promise<Result<undefined, FailedCall>> {
    const { limitMs, silenceMs = 120_000 } = this.#options;
    return this.#call(request, limitMs, async (limit) => {
      const opened = await this.#open(request, limit, this.#connections.lasting(this.#kubeconfig.server));
      if (!opened.ok) return opened;
      limit.renew(silenceMs);
      begin();
      await readLines(opened.value, { longest: longestLine, heard: () => limit.renew(silenceMs), line });
      return ok(undefined);
    });
  }

  close(): void {
    this.#closed = true;
    for (const call of this.#calls) call.cancel();
    if (this.#options.connections === undefined) this.#connections.close();
  }

  async #call<Value>(
    request: ApiRequest,
    ms: number,
    work: (limit: CallLimit) => Promise<Result<Value, FailedCall>>,
  ): Promise<Result<Value, FailedCall>> {
    const { signal } = request;
    if (this.#closed || signal?.aborted)
      return this.#fail("cancelled", request, "nobody waits for it any more");
    if (ms <= 0) return this.#fail("slow", request, "the time was up before it could be asked");
    const limit = startCallLimit(ms);
    this.#calls.add(limit);
    signal?.addEventListener("abort", limit.cancel, { once: true });
    try {
      return await work(limit);
    } catch (error) {
      return this.#failByError(request, limit, error);
    } finally {
      limit.end();
      this.#calls.delete(limit);
      signal?.removeEventListener("abort", limit.cancel);
    }
  }

  /** Asks until the answer is not that there are too many calls. */
  async #open(
    request: ApiRequest,
    limit: CallLimit,
    agent: Agent,
  ): Promise<Result<IncomingMessage, FailedCall>> {
    let throttled: Result<never, FailedCall> | undefined;
    try {
      for (;;) {
        const credentials = await withinLimit(this.#kubeconfig.credentials(), limit);
        if (!credentials.ok) return fail({ reason: credentials.failure });
        const answer = await this.#send(request, { credentials: credentials.value, agent, limit });
        const status = answer.statusCode ?? 0;
        if (status === 200) return ok(answer);
        const text = await readText(answer, 1024 * 1024);
        const refused = fail(failedByStatus(this.#described(request), { status, text }));
        if (status !== 429) return refused;
        throttled = refused;
        const wait = retryAfterMs(answer.headers["retry-after"]);
        if (wait > limit.leftMs()) return throttled;
        await sleep(wait, undefined, { signal: limit.signal });
      }
    } catch (error) {
      if (throttled !== undefined && limit.over() === "slow") return throttled;
      throw error;
    }
  }

  #send(
    { path, query = {}, accept = "application/json" }: ApiRequest,
    way: { readonly credentials: RequestOptions; readonly agent: Agent; readonly limit: CallLimit },
  ): Promise<IncomingMessage> {
    const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const search = new URLSearchParams(given).toString();
    const whole = search === "" ? path : `${path}?${search}`;
    const { credentials, limit } = way;
    return send({
      server: this.#kubeconfig.server,
      path: `${this.#kubeconfig.basePath}${whole}`,
      options: {
        ...credentials,
        headers: { ...credentials.headers, accept },
        agent: this.#kubeconfig.proxied ? credentials.agent : way.agent,
        signal: limit.signal,
      },
      onSend: () => this.#options.onCall?.(whole),
    });
  }

  #failByError(request: ApiRequest, limit: CallLimit, error: unknown): Result<never, FailedCall> {
    switch (limit.over()) {
      case "slow":
        return this.#fail("slow", request, `no answer within ${seconds(limit.givenMs())}`);
      case "cancelled":
        return this.#fail("cancelled", request, "nobody waits for it any more");
      case undefined:
        break;
    }
    if (error instanceof TooLarge) return this.#fail("malformed", request, error.message);
    return fail({ reason: failureOfError(this.#described(request), error) });
  }

  #fail(kind: ClusterFailure["kind"], request: ApiRequest, why: string): Result<never, FailedCall> {
    return fail({ reason: clusterFailure(kind, this.#described(request), why) });
  }

  #described({ what }: ApiRequest) {
    return { what, server: this.server };
  }
}

/** @throws when the limit is over first. */
function withinLimit<Value>(promise: Promise<Value>, { signal }: CallLimit): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    void promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

/** The header may also be a date, which the API does not use. */
function retryAfterMs(header: string | undefined): number {
  const given = header === undefined ? Number.NaN : Number(header) * 1000;
  return Number.isNaN(given) ? 1_000 : Math.min(Math.max(given, 100), longestRetryAfterMs);
}

function seconds(ms: number): string {
  return `${Number((ms / 1000).toPrecision(2))} s`;
}
