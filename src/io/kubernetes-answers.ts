import { ok, type Result } from "../core/common/result.ts";
import * as z from "../core/common/zod.ts";
import type { ApiRequest, KubernetesClient } from "./kubernetes-client.ts";
import { type FailedCall, malformed } from "./kubernetes-failure.ts";
import { parseJson } from "./kubernetes-json.ts";

/** Reads one object, or whatever else is not a list that goes on. */
export async function readObject<Value>(
  client: KubernetesClient,
  request: ApiRequest,
  schema: z.ZodMiniType<Value>,
): Promise<Result<Value, FailedCall>> {
  const answer = await client.get(request);
  if (!answer.ok) return answer;
  const parsed = parseJson(schema, answer.value.text);
  return parsed.ok ? parsed : malformed({ what: request.what, server: client.server }, parsed.failure);
}

/** A call that is answered with a list. */
export interface ListRequest extends ApiRequest {
  /** The list's kind, as the API names it, for example `PodList`. */
  readonly kind: string;
}

export interface KubernetesList<Item> {
  readonly items: readonly Item[];
  /** From where on a watch tells what has changed since. */
  readonly resourceVersion: string;
  /** When the server gave the last of it, by its own clock. */
  readonly at: number | undefined;
}

/** For `accept`: the answer leaves out what the objects hold. A server too old for that answers with all of it. */
export const metadataOnly =
  "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

/** The kind of such an answer. */
const metadataKind = "PartialObjectMetadataList";

const pageSize = "500";
/** Half a million objects; more would be a server that never comes to an end. */
const mostPages = 1_000;

/** Reads a list page by page: the whole of it in one answer is what hurts an API server. */
export async function readList<Item>(
  client: KubernetesClient,
  request: ListRequest,
  item: z.ZodMiniType<Item>,
): Promise<Result<KubernetesList<Item>, FailedCall>> {
  const read = await readPages(client, request, item);
  // The server keeps what a list goes on from for a few minutes only.
  return !read.ok && read.failure.status === 410 ? readPages(client, request, item) : read;
}

async function readPages<Item>(
  client: KubernetesClient,
  request: ListRequest,
  item: z.ZodMiniType<Item>,
): Promise<Result<KubernetesList<Item>, FailedCall>> {
  const call = { what: request.what, server: client.server };
  const items: Item[] = [];
  const schema = pageSchema(request, item);
  let next: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const query = { limit: pageSize, ...request.query, continue: next };
    const answer = await client.get({ ...request, query });
    if (!answer.ok) return answer;
    const parsed = parseJson(schema, answer.value.text);
    if (!parsed.ok) return malformed(call, parsed.failure);
    const { metadata } = parsed.value;
    for (const found of parsed.value.items) items.push(found);
    next = metadata.continue || undefined;
    if (next === undefined) {
      return ok({ items, resourceVersion: metadata.resourceVersion, at: answer.value.at });
    }
  }
  return malformed(call, `a list of more than ${mostPages} pages`);
}

/** So that neither another server's JSON nor a list of something else is taken for a list with nothing in it. */
function pageSchema<Item>({ kind, accept }: ListRequest, item: z.ZodMiniType<Item>) {
  return z.object({
    kind: z.enum(accept === metadataOnly ? [kind, metadataKind] : [kind]),
    metadata: z.object({ resourceVersion: z.string(), continue: z.optional(z.string()) }),
    // The API writes the key of an empty list too, with null at times.
    items: z.pipe(
      z.nullable(z.array(item)),
      z.transform((items) => items ?? []),
    ),
  });
}
