import { isDeepStrictEqual } from "node:util";
import type { PodFacts, WatchTaker } from "../core/cluster/cluster-reader.ts";
import { ok, type Result } from "../core/common/result.ts";
import * as z from "../core/common/zod.ts";
import { apiPath, type KubernetesClient, type Question } from "./kubernetes-client.ts";
import type { Refusal } from "./kubernetes-failure.ts";
import { parseJson, parseValue } from "./kubernetes-json.ts";
import { malformed, readList } from "./kubernetes-list.ts";
import { eventSchema } from "./kubernetes-objects.ts";
import { podSchema } from "./kubernetes-pod.ts";

export interface WatchOptions {
  readonly namespace: string;
  readonly take: WatchTaker;
  readonly signal: AbortSignal;
}

/** One kind of objects of a namespace, to be listed and then watched. */
export interface Watched {
  readonly question: Question;
  /** Tells what is there, and gives the version from which on a watch tells the rest. */
  readonly list: () => Promise<Result<string, Refusal>>;
  /** Tells of a change, or says what is wrong with it. */
  readonly take: (type: "ADDED" | "MODIFIED" | "DELETED", object: unknown) => Result<undefined, string>;
}

export function watchedPods(client: KubernetesClient, { namespace, take, signal }: WatchOptions): Watched {
  const known = new Map<string, PodFacts>();
  const question = {
    what: `the pods of ${namespace}`,
    kind: "PodList",
    path: apiPath`/api/v1/namespaces/${namespace}/pods`,
    signal,
  };
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
    question,
    list: async () => {
      const pods = await readList(client, question, podSchema);
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
export function watchedEvents(client: KubernetesClient, { namespace, take, signal }: WatchOptions): Watched {
  const question = {
    what: `the events of ${namespace}`,
    kind: "EventList",
    path: apiPath`/api/v1/namespaces/${namespace}/events`,
    query: { fieldSelector: "type=Warning" },
    signal,
  };
  let newest: string | undefined;
  const listAnew = async (since: string): Promise<Result<string, Refusal>> => {
    const events = await readList(client, question, eventSchema);
    if (!events.ok) return events;
    const missed = events.value.items.filter(({ resourceVersion }) => isNewer(resourceVersion, since));
    if (!signal.aborted) for (const { event } of missed) take.event(event);
    return ok(events.value.resourceVersion);
  };
  return {
    question,
    list: async () => {
      const begun = newest === undefined ? await readVersion(client, question) : await listAnew(newest);
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

async function readVersion(client: KubernetesClient, question: Question): Promise<Result<string, Refusal>> {
  const answer = await client.get({ ...question, query: { ...question.query, limit: "1" } });
  if (!answer.ok) return answer;
  const parsed = parseJson(listVersionSchema, answer.value.text);
  return parsed.ok ? ok(parsed.value.metadata.resourceVersion) : malformed(client, question, parsed.failure);
}

/** The API calls versions opaque, but that they count up is what its own clients rely on. */
function isNewer(version: string, than: string): boolean {
  const count = /^\d+$/;
  return count.test(version) && count.test(than) && BigInt(version) > BigInt(than);
}
