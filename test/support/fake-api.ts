import type { IncomingMessage, ServerResponse } from "node:http";
import type { FakeKubernetesOptions } from "./fake-kubernetes.ts";
import { MannerRules, misbehave, sendJson, sendStatus } from "./fake-manner.ts";
import { parsePath, selector } from "./fake-path.ts";
import { apiVersionOf, type Collection, FakeStore, plurals } from "./fake-store.ts";
import { FakeWatches } from "./fake-watches.ts";
import type { KubernetesObject } from "./kubernetes-objects.ts";

/** Answers the calls of the fake API server. */
export class FakeApi {
  readonly calls: string[] = [];
  readonly logs = new Map<string, string>();
  readonly rules = new MannerRules();
  readonly watches: FakeWatches;
  readonly #store = new FakeStore();
  readonly #version: string;
  readonly #now: (() => Date) | undefined;
  readonly #onCall: (call: string) => void;

  constructor({ objects = [], version = "v1.31.4", now, onCall = () => {} }: FakeKubernetesOptions) {
    this.#version = version;
    this.#now = now;
    this.#onCall = onCall;
    this.watches = new FakeWatches(this.#store);
    this.put(objects);
  }

  put(objects: readonly KubernetesObject[]): void {
    for (const object of objects) this.#store.put(object);
    this.watches.tell();
  }

  remove(kind: string, id: string): void {
    this.#store.remove(kind, id);
    this.watches.tell();
  }

  set(kind: string, objects: readonly KubernetesObject[]): void {
    const idOf = ({ metadata: { namespace, name } }: KubernetesObject) =>
      namespace === undefined ? name : `${namespace}/${name}`;
    const kept = new Set(objects.map(idOf));
    const present = this.#store.list({ kind, namespace: undefined }).map(idOf);
    for (const id of present) if (!kept.has(id)) this.remove(kind, id);
    this.put(objects);
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    const whole = request.url ?? "/";
    this.calls.push(request.method === "GET" ? whole : `${request.method} ${whole}`);
    this.#onCall(whole);
    if (this.#now !== undefined) response.setHeader("date", this.#now().toUTCString());
    const answer = () => this.#answer(request, response);
    const manner = this.rules.take(whole);
    if (manner === undefined) answer();
    else misbehave(manner, response, answer);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://fake");
    const asked = parsePath(pathname);
    const metadataOnly = request.headers.accept?.includes("as=PartialObjectMetadata") === true;
    if (pathname === "/version") {
      const [major = "", minor = ""] = this.#version.replace("v", "").split(".");
      sendJson(response, 200, { major, minor, gitVersion: this.#version, platform: "linux/amd64" });
    } else if (asked === undefined) {
      response.writeHead(404, { "content-type": "text/plain" }).end("404 page not found\n");
    } else if (asked.isLog) {
      this.#sendLog(response, `${asked.collection.namespace}/${asked.name}`, searchParams);
    } else if (asked.name !== undefined) {
      this.#sendObject(response, asked.collection, asked.name);
    } else if (searchParams.get("watch") === "1") {
      const version = Number(searchParams.get("resourceVersion"));
      const { collection } = asked;
      this.watches.start({ path: pathname, collection, selects: selector(searchParams), response, version });
    } else {
      sendJson(response, 200, this.#page(asked.collection, { searchParams, metadataOnly }));
    }
  }

  #page(
    collection: Collection,
    {
      searchParams,
      metadataOnly,
    }: { readonly searchParams: URLSearchParams; readonly metadataOnly: boolean },
  ): object {
    const objects = this.#store.list(collection).filter(selector(searchParams));
    const from = Number(searchParams.get("continue") ?? 0);
    const to = from + Number(searchParams.get("limit") ?? objects.length);
    const more = to < objects.length ? { continue: `${to}`, remainingItemCount: objects.length - to } : {};
    const metadata = { resourceVersion: `${this.#store.version}`, ...more };
    const items = objects.slice(from, to);
    if (!metadataOnly) {
      return {
        kind: `${collection.kind}List`,
        apiVersion: apiVersionOf(collection.kind),
        metadata,
        // As the real one: what is in a list does not say its kind.
        items: items.map(({ kind: _kind, apiVersion: _apiVersion, ...object }) => object),
      };
    }
    const apiVersion = "meta.k8s.io/v1";
    return {
      kind: "PartialObjectMetadataList",
      apiVersion,
      metadata,
      items: items.map((item) => ({ kind: "PartialObjectMetadata", apiVersion, metadata: item.metadata })),
    };
  }

  #sendObject(response: ServerResponse, collection: Collection, name: string): void {
    const object = this.#store.find(collection, name);
    if (object !== undefined) {
      sendJson(response, 200, { apiVersion: apiVersionOf(object.kind), ...object });
      return;
    }
    const kind = (plurals[collection.kind] ?? "").split("/").at(-1);
    const message = `${kind} "${name}" not found`;
    sendStatus(response, { status: 404, reason: "NotFound", message, details: { name, kind } });
  }

  #sendLog(response: ServerResponse, pod: string, query: URLSearchParams): void {
    const container = query.get("container") ?? "";
    const previous = query.get("previous") === "true";
    const text = this.logs.get(`${pod}/${container} ${previous}`);
    if (text === undefined) {
      const message = previous
        ? `previous terminated container "${container}" in pod "${pod}" not found`
        : `container "${container}" in pod "${pod}" is waiting to start: ContainerCreating`;
      sendStatus(response, { status: 400, reason: "BadRequest", message });
      return;
    }
    const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
    const tail = lines.slice(-Number(query.get("tailLines") ?? lines.length)).join("");
    const limit = Number(query.get("limitBytes") ?? Number.POSITIVE_INFINITY);
    response.writeHead(200, { "content-type": "text/plain" });
    response.end(Buffer.from(tail).subarray(0, limit));
  }
}
