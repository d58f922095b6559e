import { isDeepStrictEqual } from "node:util";
import type { PodFacts, WatchTaker } from "../core/cluster/cluster-reader.ts";
import { ok, type Result } from "../core/common/result.ts";
import * as z from "../core/common/zod.ts";
import { readList, readObject } from "./kubernetes-answers.ts";
import { type ApiRequest, apiPath, type KubernetesClient } from "./kubernetes-client.ts";
import type { FailedCall } from "./kubernetes-failure.ts";
import { parseValue } from "./kubernetes-json.ts";
import { eventSchema } from "./kubernetes-objects.ts";
import { podList, podSchema } from "./kubernetes-pod.ts";

export interface WatchOptions {
  readonly namespace: string;
  readonly take: WatchTaker;
  readonly signal: AbortSignal;
}

/** One kind of objects of a namespace, to be listed and then watched. */
export interface WatchSource {
  readonly request: ApiRequest;
  /** Tells what is there, and gives the version from which on a watch tells the rest. */
  readonly list: () => Promise<Result<string, FailedCall>>;
  /** Tells of a change, or says what is wrong with it. */
  readonly take: (type: "ADDED" | "MODIFIED" | "DELETED", object: unknown) => Result<undefined, string>;
}

export function podSource(client: KubernetesClient, { namespace, take, signal }: WatchOptions): WatchSource {
  const known = new Map<string, PodFacts>();
  const request = { ...podList(namespace), signal };
  const tell = (pod: PodFacts) => {
    // Much of a pod changes that nobody here looks at.
    if (isDeepStrictEqual(known.get(pod.name), pod)) return;
    known.set(pod.name, pod);
    take.pod(pod);
  };
  const tellGone = (pod: PodFacts) => {
    tell({ ...pod, deleted: true });
    known.delete(pod.name);
  };
  return {
    request,
    list: async () => {
      const pods = await readList(client, request, podSchema);
      if (!pods.ok || signal.aborted) return pods.ok ? ok(pods.value.resourceVersion) : pods;
      const present = new Set(pods.value.items.map(({ name }) => name));
      for (const pod of [...known.values()]) if (!present.has(pod.name)) tellGone(pod);
      for (const pod of pods.value.items) tell(pod);
      return ok(pods.value.resourceVersion);
    },
    take: (type, object) => {
      const pod = parseValue(podSchema, object);
      if (!pod.ok) return pod;
      if (type === "DELETED") tellGone(pod.value);
      else tell(pod.value);
      return ok(undefined);
    },
  };
}

/** Warnings, and only those that are reported from the first list on. */
export function warningSource(
  client: KubernetesClient,
  { namespace, take, signal }: WatchOptions,
): WatchSource {
  const request = {
    what: `the events of ${namespace}`,
    kind: "EventList",
    path: apiPath`/api/v1/namespaces/${namespace}/events`,
    query: { fieldSelector: "type=Warning" },
    signal,
  };
  let newest: string | undefined;
  const begin = async (): Promise<Result<string, FailedCall>> => {
    const shortest = { ...request, query: { ...request.query, limit: "1" } };
    const read = await readObject(client, shortest, listVersionSchema);
    return read.ok ? ok(read.value.metadata.resourceVersion) : read;
  };
  const listAnew = async (since: string): Promise<Result<string, FailedCall>> => {
    const events = await readList(client, request, eventSchema);
    if (!events.ok) return events;
    const missed = events.value.items.filter(({ resourceVersion }) => isNewer(resourceVersion, since));
    if (!signal.aborted) for (const { event } of missed) take.event(event);
    return ok(events.value.resourceVersion);
  };
  return {
    request,
    list: async () => {
      const begun = newest === undefined ? await begin() : await listAnew(newest);
      if (begun.ok) newest = begun.value;
      return begun;
    },
    take: (type, object) => {
      const reported = parseValue(eventSchema, object);
      if (!reported.ok) return reported;
      newest = reported.value.resourceVersion;
      // Events are removed when they are an hour old.
      if (type !== "DELETED") take.event(reported.value.event);
      return ok(undefined);
    },
  };
}

const listVersionSchema = z.object({
  kind: z.literal("EventList"),
  metadata: z.object({ resourceVersion: z.string() }),
});

/** The API calls versions opaque, but that they count up is what its own clients rely on. */
function isNewer(version: string, than: string): boolean {
  const count = /^\d+$/;
  return count.test(version) && count.test(than) && BigInt(version) > BigInt(than);
}
