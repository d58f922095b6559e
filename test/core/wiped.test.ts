import { expect, it } from "vitest";
import { fail, ok } from "../../src/core/common/result.ts";
import {
  type ClusterContents,
  namespacesInUse,
  renderContents,
  renderIdentity,
} from "../../src/core/rollout/wiped.ts";

const system = ["kube-system", "default"];

const wiped: ClusterContents = {
  identity: ok({
    server: "https://kubemaster.eqiad:6443",
    version: "v1.31.4",
    nodes: ok({ total: 3, ready: 2 }),
  }),
  pods: new Map([["kube-system", 12]]),
  namespaces: ok(["default", "kube-system", "mw-web"]),
  releases: ok([]),
};

it("a cluster whose only pods are in system namespaces is wiped", () => {
  expect(namespacesInUse(wiped, system)).toEqual([]);
  expect(renderContents(wiped, system)).toMatchInlineSnapshot(`
    [
      "cluster: https://kubemaster.eqiad:6443, Kubernetes v1.31.4",
      "nodes: 3 nodes, 2 ready",
      "namespaces: 3",
      "pods in system namespaces: 12",
      "pods in others: none",
      "helm releases: none",
    ]
  `);
});

it("pods alone decide: releases of helm without pods are told, and do not count", () => {
  const releases = ok([
    { namespace: "mw-web", name: "main", status: "deployed", revision: 3 },
    { namespace: "mw-web", name: "prometheus", status: "pending-install", revision: 1 },
  ]);
  const contents: ClusterContents = { ...wiped, releases };
  expect(namespacesInUse(contents, system)).toEqual([]);
  expect(renderContents(contents, system).at(-1)).toBe(
    "helm releases: 2 (mw-web/main, mw-web/prometheus pending-install)",
  );
});

it("one pod elsewhere is enough to be in use, also in a namespace whose name begins as a system namespace's", () => {
  const pods = new Map([
    ["kube-system", 12],
    ["kube-system-2", 1],
    ["mw-web", 40],
  ]);
  expect(namespacesInUse({ pods }, system)).toEqual(["kube-system-2", "mw-web"]);
  expect(renderContents({ ...wiped, pods }, system)[4]).toBe(
    "pods in others: 41 (kube-system-2 1, mw-web 40)",
  );
});

it("what could not be read is said, and is none of the others' business", () => {
  const failure = { kind: "forbidden", message: "Secrets at https://x: forbidden: no" } as const;
  const contents: ClusterContents = {
    ...wiped,
    identity: fail({ kind: "slow", message: "the version of https://x: no answer within 10 s" }),
    namespaces: fail(failure),
    releases: fail(failure),
  };
  expect(renderContents(contents, system)).toMatchInlineSnapshot(`
    [
      "cluster: the version of https://x: no answer within 10 s",
      "namespaces: not known: Secrets at https://x: forbidden: no",
      "pods in system namespaces: 12",
      "pods in others: none",
      "helm releases: not known: Secrets at https://x: forbidden: no",
    ]
  `);
});

it("of many namespaces and releases the first six are named", () => {
  const some = (count: number) => Array.from({ length: count }, (_, at) => `n${at}`);
  const shown = (count: number) =>
    renderContents(
      {
        ...wiped,
        pods: new Map(some(count).map((name) => [name, 1])),
        releases: ok(
          some(count).map((namespace) => ({ namespace, name: "r", status: "deployed", revision: 1 })),
        ),
      },
      system,
    ).slice(-2);
  expect(shown(6)).toEqual([
    "pods in others: 6 (n0 1, n1 1, n2 1, n3 1, n4 1, n5 1)",
    "helm releases: 6 (n0/r, n1/r, n2/r, n3/r, n4/r, n5/r)",
  ]);
  expect(shown(8)).toEqual([
    "pods in others: 8 (n0 1, n1 1, n2 1, n3 1, n4 1, n5 1 and 2 more)",
    "helm releases: 8 (n0/r, n1/r, n2/r, n3/r, n4/r, n5/r and 2 more)",
  ]);
});

it("which cluster it is, and what it looks like, is told in two lines, also where it is not known", () => {
  const server = { server: "https://kubemaster.eqiad:6443", version: "v1.31.4" };
  const failure = { kind: "slow", message: "https://x: no answer within 10 s" } as const;
  expect(
    [
      ok({ ...server, nodes: ok({ total: 1, ready: 1 }) }),
      ok({ ...server, nodes: fail(failure) }),
      fail(failure),
    ].map((identity) => renderIdentity(identity, "it is wiped")),
  ).toEqual([
    ["cluster: https://kubemaster.eqiad:6443, Kubernetes v1.31.4", "nodes: 1 node, 1 ready; it is wiped"],
    [
      "cluster: https://kubemaster.eqiad:6443, Kubernetes v1.31.4",
      "nodes: not known: https://x: no answer within 10 s; it is wiped",
    ],
    ["cluster: https://x: no answer within 10 s", "it is wiped"],
  ]);
});
