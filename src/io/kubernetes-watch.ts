import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterFailure } from "../core/cluster/cluster-failure.ts";
import type { WatchTaker } from "../core/cluster/cluster-reader.ts";
import { fail, ok, type Result } from "../core/common/result.ts";
import * as z from "../core/common/zod.ts";
import { heardByMany } from "./heard-by-many.ts";
import type { ApiRequest, Connect, KubernetesClient } from "./kubernetes-client.ts";
import { type CallDescription, type FailedCall, failedByObject, malformed } from "./kubernetes-failure.ts";
import { parseJson, parseValue } from "./kubernetes-json.ts";
import { podSource, type WatchOptions, type WatchSource, warningSource } from "./kubernetes-watch-sources.ts";

/** How long to wait from one try to the next, in milliseconds: doubled at each until a line arrives. */
export interface WatchPauses {
  readonly shortest: number;
  readonly longest: number;
  /** Whom the server refuses it will refuse in five seconds too. */
  readonly longestOfRefused: number;
}

const usualPauses: WatchPauses = { shortest: 500, longest: 5_000, longestOfRefused: 30_000 };

/** Watches the pods and the warnings of a namespace until the signal aborts. */
export function watchNamespace(
  connect: Connect,
  options: WatchOptions & { readonly pauses?: WatchPauses },
): void {
  const { take, signal, pauses = usualPauses } = options;
  // One signal may stop the watches of many namespaces.
  heardByMany(signal);
  void connect().then((client) => {
    if (signal.aborted) return;
    if (!client.ok) return take.failed(client.failure);
    const outages = new Outages(take);
    void keepWatching(client.value, podSource(client.value, options), { signal, outages, pauses });
    void keepWatching(client.value, warningSource(client.value, options), { signal, outages, pauses });
  });
}

/** What cannot be seen now. One outage of the server is told once, though each watch runs into it. */
class Outages {
  readonly #failing = new Map<WatchSource, ClusterFailure["kind"]>();
  readonly #take: WatchTaker;

  constructor(take: WatchTaker) {
    this.#take = take;
  }

  began(source: WatchSource, failure: ClusterFailure): void {
    // The command is being interrupted: that is no outage of the cluster.
    if (this.#failing.has(source) || failure.kind === "cancelled") return;
    const known = [...this.#failing.values()].includes(failure.kind);
    this.#failing.set(source, failure.kind);
    if (!known) this.#take.failed(failure);
  }

  ended(source: WatchSource): void {
    this.#failing.delete(source);
  }
}

interface Watching {
  readonly signal: AbortSignal;
  readonly outages: Outages;
  readonly pauses: WatchPauses;
}

async function keepWatching(
  client: KubernetesClient,
  source: WatchSource,
  { signal, outages, pauses }: Watching,
): Promise<void> {
  let version: string | undefined;
  let pause = pauses.shortest;
  while (!signal.aborted) {
    const listed = version === undefined;
    const seen: Seen =
      version === undefined ? await list(source) : await follow(client, source, { version, signal });
    if (signal.aborted || seen.failure?.kind === "cancelled") return;
    version = seen.version;
    if (seen.failure !== undefined) outages.began(source, seen.failure);
    if (seen.endsOutage) outages.ended(source);
    if (seen.resetsPause) pause = pauses.shortest;
    // What was listed is watched at once.
    if (listed && version !== undefined) continue;
    await sleep(pause, undefined, { signal }).catch(() => {});
    pause = Math.min(pause * 2, isRefusal(seen.failure) ? pauses.longestOfRefused : pauses.longest);
  }
}

function isRefusal(failure: ClusterFailure | undefined): boolean {
  return failure?.kind === "forbidden" || failure?.kind === "unauthorized";
}

/** What came of one list, or of one watch until it ended. */
interface Seen {
  /** From where to go on; undefined where all must be listed anew. */
  readonly version: string | undefined;
  /** Whether the last line of a watch was of use: the next try comes soon then. */
  readonly resetsPause: boolean;
  /** Whether a watch told something, or lasted: an outage is over then, and no sooner. */
  readonly endsOutage: boolean;
  /** Why nothing can be seen. A connection that only broke off is opened again, and has none. */
  readonly failure?: ClusterFailure;
}

async function list(source: WatchSource): Promise<Seen> {
  const listed = await source.list();
  if (listed.ok) return { version: listed.value, resetsPause: false, endsOutage: false };
  return { version: undefined, resetsPause: false, endsOutage: false, failure: listed.failure.reason };
}

async function follow(
  client: KubernetesClient,
  source: WatchSource,
  { version, signal }: { readonly version: string; readonly signal: AbortSignal },
): Promise<Seen> {
  const request: ApiRequest = { ...source.request, query: watchQuery(source.request, version) };
  let opened = false;
  let seen: Seen = { version, resetsPause: false, endsOutage: false };
  const followed = await client.follow(request, {
    opened: () => {
      opened = true;
    },
    line: (text) => {
      if (signal.aborted) return false;
      seen = seenBy(takeLine(source, text, { what: source.request.what, server: client.server }));
      return seen.version !== undefined;
    },
  });
  const failure = followed.ok ? undefined : followed.failure.reason;
  if (!opened && failure !== undefined) {
    const isTooOld = !followed.ok && followed.failure.status === 410;
    return isTooOld ? { ...seen, version: undefined } : { ...seen, failure };
  }
  if (failure?.kind === "cancelled") return { ...seen, failure };
  // One that ended in order, or because nothing happened for so long, had seen all there was.
  const lasted = seen.failure === undefined && (failure === undefined || failure.kind === "slow");
  return { ...seen, endsOutage: seen.endsOutage || lasted };
}

function watchQuery({ query }: ApiRequest, resourceVersion: string): NonNullable<ApiRequest["query"]> {
  // Watches that began together do not all end together.
  const timeoutSeconds = `${Math.round(240 + 120 * Math.random())}`;
  return { ...query, watch: "1", allowWatchBookmarks: "true", resourceVersion, timeoutSeconds };
}

const lineSchema = z.object({
  type: z.enum(["ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"]),
  object: z.unknown(),
});

const versionedSchema = z.object({ metadata: z.object({ resourceVersion: z.string() }) });

/** Hands on what a line tells, and gives the version up to which all is told with it. */
function takeLine(source: WatchSource, text: string, call: CallDescription): Result<string, FailedCall> {
  const line = parseJson(lineSchema, text);
  if (!line.ok) return malformed(call, line.failure);
  const { type, object } = line.value;
  if (type === "ERROR") return fail(failedByObject(call, object));
  const versioned = parseValue(versionedSchema, object);
  if (!versioned.ok) return malformed(call, versioned.failure);
  if (type !== "BOOKMARK") {
    const taken = source.take(type, object);
    if (!taken.ok) return malformed(call, taken.failure);
  }
  return ok(versioned.value.metadata.resourceVersion);
}

function seenBy(taken: Result<string, FailedCall>): Seen {
  if (taken.ok) return { version: taken.value, resetsPause: true, endsOutage: true };
  const lost = { version: undefined, resetsPause: false, endsOutage: false };
  // What has changed since is too long ago for the server to know.
  return taken.failure.status === 410 ? lost : { ...lost, failure: taken.failure.reason };
}
