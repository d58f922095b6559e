import type { ServerResponse } from "node:http";
import { sendStatus } from "./fake-manner.ts";
import { apiVersionOf, type Collection, type FakeStore } from "./fake-store.ts";
import type { KubernetesObject } from "./kubernetes-objects.ts";

interface Watch {
  readonly path: string;
  readonly collection: Collection;
  readonly selects: (object: KubernetesObject) => boolean;
  readonly response: ServerResponse;
  version: number;
}

/** The open watches of the fake API server. */
export class FakeWatches {
  readonly #store: FakeStore;
  readonly #open = new Set<Watch>();

  constructor(store: FakeStore) {
    this.#store = store;
  }

  get count(): number {
    return this.#open.size;
  }

  start(watch: Watch): void {
    if (this.#store.changesSince(watch.collection, watch.version) === undefined) {
      const message = `too old resource version: ${watch.version} (${this.#store.version})`;
      sendStatus(watch.response, { status: 410, reason: "Expired", message });
      return;
    }
    watch.response.writeHead(200, { "content-type": "application/json" });
    watch.response.flushHeaders();
    this.#open.add(watch);
    watch.response.on("close", () => this.#open.delete(watch));
    this.#tell(watch);
  }

  tell(): void {
    for (const watch of this.#open) this.#tell(watch);
  }

  push(path: string, line: string): void {
    for (const watch of this.#open) if (watch.path === path) watch.response.write(`${line}\n`);
  }

  bookmark(): void {
    const metadata = { resourceVersion: `${this.#store.version}`, creationTimestamp: null };
    for (const { collection, response } of this.#open) {
      const object = { kind: collection.kind, apiVersion: "v1", metadata, spec: { containers: null } };
      response.write(`${JSON.stringify({ type: "BOOKMARK", object })}\n`);
    }
  }

  end(how: "in order" | "broken"): void {
    for (const { response } of this.#open) {
      if (how === "in order") response.end();
      else response.destroy();
    }
    // None of them is told what changes from this moment on.
    this.#open.clear();
  }

  compact(): void {
    this.#store.compact();
    // Open watches have seen all of it.
    for (const watch of this.#open) watch.version = this.#store.version;
  }

  #tell(watch: Watch): void {
    for (const { version, type, object } of this.#store.changesSince(watch.collection, watch.version) ?? []) {
      watch.version = version;
      if (!watch.selects(object)) continue;
      const line = { type, object: { apiVersion: apiVersionOf(object.kind), ...object } };
      watch.response.write(`${JSON.stringify(line)}\n`);
    }
  }
}
