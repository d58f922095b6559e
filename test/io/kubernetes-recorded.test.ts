import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { PodFacts } from "../../src/core/cluster/cluster-reader.ts";
import { ok } from "../../src/core/common/result.ts";
import type { KubernetesObject } from "../support/kubernetes-objects.ts";
import { readFake } from "../support/read-fake.ts";

const recorded = (name: string) => readFileSync(`fixtures/kubernetes/${name}`, "utf8");

const lists = {
  "nodes.json": "/api/v1/nodes",
  "services.json": "/api/v1/namespaces/mw-web/services",
  "pods.json": "/api/v1/namespaces/mw-web/pods",
  "helm-records.json": "/api/v1/namespaces/mw-web/secrets?labelSelector=owner%3Dhelm",
  "daemonsets.json": "/apis/apps/v1/namespaces/mw-mcrouter/daemonsets",
  "events.json": "/api/v1/namespaces/mw-web/events?fieldSelector=type%3DWarning",
};

describe("what the real API answered is read as", () => {
  async function readRecorded() {
    const { kubernetes, reader } = await readFake({ now: () => new Date("2026-11-22T15:50:37Z") });
    for (const [name, path] of [
      ["version.json", "/version"],
      ["nodes.json", "/api/v1/nodes"],
      ["namespace.json", "/api/v1/namespaces/mw-web"],
      ["services.json", "/api/v1/namespaces/mw-web/services"],
      ["pods.json", "/api/v1/namespaces/mw-web/pods"],
      ["helm-records.json", "/api/v1/namespaces/mw-web/secrets"],
      ["daemonsets.json", "/apis/apps/v1/namespaces/mw-mcrouter/daemonsets"],
      ["configmap.json", "/api/v1/namespaces/mw-web/configmaps/main-php-envvars"],
    ] as const) {
      kubernetes.answer(path, { kind: "text", text: recorded(name) });
    }
    return { kubernetes, reader };
  }

  it("facts", async () => {
    const { kubernetes, reader } = await readRecorded();
    const identity = await reader.identity();
    expect(identity).toMatchObject(ok({ version: "v1.34.4", nodes: ok({ total: 1, ready: 1 }) }));
    expect({
      hasNamespace: await reader.hasNamespace("mw-web"),
      services: await reader.services("mw-web"),
      pods: await reader.pods("mw-web"),
      releases: await reader.releases("mw-web"),
      daemonSets: await reader.daemonSets("mw-mcrouter"),
      configMap: await reader.configMap("mw-web", "main-php-envvars"),
    }).toMatchSnapshot();
    kubernetes.answer("/api/v1/pods", { kind: "text", text: recorded("pods.json") });
    expect(await reader.podCounts()).toEqual(ok(new Map([["mw-web", 2]])));
  });

  it("a page with more to come", async () => {
    const { kubernetes, reader } = await readFake({ objects: [] });
    kubernetes.answer(/namespaces\?limit=500$/, { kind: "text", text: recorded("namespaces-page.json") });
    expect(await reader.namespaces()).toEqual(ok(["broken", "default"]));
    expect(kubernetes.calls()[1]).toMatch(/&continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEi/);
  });

  it.each([
    [
      "forbidden.json",
      403,
      "forbidden",
      /403 Forbidden: pods is forbidden: User "stranger" cannot list resource/,
    ],
    ["unauthorized.json", 401, "unauthorized", /401 Unauthorized: Unauthorized$/],
  ])("%s", async (name, status, kind, words) => {
    const { kubernetes, reader } = await readFake();
    kubernetes.answer("/api/v1/", { kind: "text", status, text: recorded(name) });
    expect(await reader.pods("mw-web")).toEqual({
      ok: false,
      failure: { kind, message: expect.stringMatching(words) },
    });
  });

  it("nothing there", async () => {
    const { kubernetes, reader } = await readFake();
    kubernetes.answer("/api/v1/", { kind: "text", status: 404, text: recorded("not-found.json") });
    expect(await reader.configMap("mw-web", "nothing")).toEqual(ok(undefined));
  });

  it("a pod that crash-loops and is removed", async () => {
    const { kubernetes, reader } = await readFake();
    kubernetes.answer(/pods\?watch=1/, { kind: "text", text: recorded("watch-pods.jsonl"), times: 1 });
    const pods: PodFacts[] = [];
    const abort = new AbortController();
    const take = { pod: (pod: PodFacts) => pods.push(pod), event: () => {}, failed: () => {} };
    reader.watch("mw-web", take, abort.signal);
    await expect.poll(() => pods.at(-1)).toMatchObject({ deleted: true });
    abort.abort();
    expect(pods).toMatchSnapshot();
  });

  it("a watch that it breaks off", async () => {
    const { kubernetes, reader } = await readFake();
    kubernetes.answer(/watch=1/, { kind: "text", text: recorded("watch-error.jsonl") });
    const failures: string[] = [];
    const abort = new AbortController();
    const take = {
      pod: () => {},
      event: () => {},
      failed: ({ message }: { message: string }) => failures.push(message),
    };
    reader.watch("mw-web", take, abort.signal);
    await expect.poll(() => failures).toHaveLength(1);
    abort.abort();
    expect(failures[0]).toMatch(
      /: 500 Internal Server Error: a watch stream was requested by the client but/,
    );
  });
});

describe("the fake answers as the real one, given the same objects", () => {
  it.each(Object.entries(lists))("%s", async (name, path) => {
    const list = JSON.parse(recorded(name));
    const kind = name === "helm-records.json" ? "Secret" : list.kind.replace("List", "");
    const objects: KubernetesObject[] = list.items.map((item: KubernetesObject) => ({ ...item, kind }));
    const { kubernetes } = await readFake({ objects });
    const accept =
      kind === "Secret"
        ? "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
        : "application/json";
    const answer = await fetch(`${kubernetes.url}${path}`, { headers: { accept } });
    expect(withoutVersions(await answer.json())).toEqual(withoutVersions(list));
  });

  it.each([
    ["namespace.json", "/api/v1/namespaces/mw-web"],
    ["configmap.json", "/api/v1/namespaces/mw-web/configmaps/main-php-envvars"],
  ])("%s", async (name, path) => {
    const object = JSON.parse(recorded(name));
    const { kubernetes } = await readFake({ objects: [object] });
    const answer = await fetch(`${kubernetes.url}${path}`);
    expect(withoutVersions(await answer.json())).toEqual(withoutVersions(object));
  });

  it("not-found.json", async () => {
    const { kubernetes } = await readFake();
    const answer = await fetch(`${kubernetes.url}/api/v1/namespaces/mw-web/configmaps/nothing`);
    expect(answer.status).toBe(404);
    expect(await answer.json()).toEqual(JSON.parse(recorded("not-found.json")));
  });

  it("a page with more to come", async () => {
    const page = JSON.parse(recorded("namespaces-page.json"));
    const names = ["broken", "default", "third", "fourth"];
    const { kubernetes } = await readFake({
      objects: names.map((name) => ({ kind: "Namespace", metadata: { name } })),
    });
    const answer = await fetch(`${kubernetes.url}/api/v1/namespaces?limit=2`, {
      headers: { accept: "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1" },
    });
    const fake = Object(await answer.json());
    expect(Object.keys(fake)).toEqual(Object.keys(page));
    expect(Object.keys(fake.metadata)).toEqual(Object.keys(page.metadata));
    expect(fake.items.map(({ kind, apiVersion }: KubernetesObject) => ({ kind, apiVersion }))).toEqual(
      page.items.map(({ kind, apiVersion }: KubernetesObject) => ({ kind, apiVersion })),
    );
  });
});

/** Each cluster counts its own. */
function withoutVersions(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, inner) => (key === "resourceVersion" ? "0" : inner)));
}
