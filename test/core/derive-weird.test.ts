import { describe, expect, it } from "vitest";
import { readRenderedObjects } from "../../src/core/manifests/rendered-objects.ts";
import { derived, edgesOf, exporter, pod } from "./support/pod-manifests.ts";

const map = "kind: ConfigMap\nmetadata: { name: x }\n";
const secret = "kind: Secret\nmetadata: { name: x }\n";

/** Objects as `Kind name`. */
function namesIn(text: string): string[] {
  const { objects, faults } = readRenderedObjects({ file: "f.yaml", text });
  return [...objects, ...faults.map(({ code }) => ({ kind: "fault", name: code }))].map(
    ({ kind, name }) => `${kind} ${name}`,
  );
}

describe("what is weird, and legal", () => {
  it.each([
    [
      "a typed list says the kind for all",
      "kind: ConfigMapList\nitems: [{ metadata: { name: a } }, { kind: Secret, metadata: { name: b } }]\n",
      ["ConfigMap a", "Secret b"],
    ],
    [
      "a list may hold lists",
      "kind: List\nitems: [{ kind: List, items: [{ kind: Secret, metadata: { name: a } }] }]\n",
      ["Secret a"],
    ],
    ["a list may be empty", "kind: List\nitems: []\n---\nkind: List\nitems:\n", []],
    [
      "what is called a list and has no items is an object",
      "kind: AllowList\nmetadata: { name: a }\n",
      ["AllowList a"],
    ],
    [
      "what has items and is no list is an object",
      "kind: Menu\nmetadata: { name: a }\nitems: [{ kind: Secret, metadata: { name: b } }]\n",
      ["Menu a"],
    ],
    ["a text is no object", "just a text\n---\n&x text\n", ["fault no-object", "fault no-object"]],
    [
      "a marker ends a document, and a text may stand behind it",
      "--- # a\n%YAML 1.2\n---\nkind: Secret\nmetadata: { name: a }\n...\n--- {kind: Secret, metadata: {name: b}}\n---\n",
      ["Secret a", "Secret b"],
    ],
    ["a List says no kind", "kind: List\nitems: [{ metadata: { name: a } }]\n", ["fault no-object"]],
    ["the server makes the name", "kind: Job\nmetadata: { generateName: migrate- }\n", ["Job migrate-"]],
    ["a number is a name", "kind: ConfigMap\nmetadata: { name: 2026 }\n", ["ConfigMap 2026"]],
    [
      "nothing stands where something could",
      "kind: ConfigMap\nmetadata: { name: a, labels: ~ }\ndata:\n",
      ["ConfigMap a"],
    ],
  ])("%s", (_, text, expected) => {
    expect(namesIn(text)).toEqual(expected);
  });

  it.each([
    [
      "a container that is added later",
      pod("image: i", "ephemeralContainers: [{ name: e, args: [$(STATSD_PORT)] }]"),
    ],
    ["a probe", pod("livenessProbe: { exec: { command: [sh, -c, nc -z $STATSD_SERVICE_HOST] } }")],
    [
      "a hook of its life",
      pod("lifecycle: { preStop: { exec: { command: [sh, -c, $STATSD_SERVICE_HOST] } } }"),
    ],
    ["words among numbers and nothing", pod("args: [1, ~, true, [], { a: b }, $(STATSD_SERVICE_HOST)]")],
    [
      "variables that are null, numbers, or have no name",
      pod("env: [~, { name: ~, value: ~ }, { name: 1, value: 2 }, { value: $(STATSD_SERVICE_HOST) }]"),
    ],
    [
      "containers whose key has escapes",
      pod("args: [$(STATSD_SERVICE_HOST)]").replace(/\bcontainers:/, '"c\\u006fntainers":'),
    ],
    ["a pod whose links are null", pod("args: [$(STATSD_SERVICE_HOST)]", "enableServiceLinks: ~")],
  ])("a variable is needed by %s", (_, app) => {
    expect(edgesOf({ "n/app": app, "n/exporter": exporter })).toEqual(["n/app needs n/exporter: variable"]);
  });

  it.each([
    [
      "service-account",
      "serviceAccountName: ~\n  serviceAccount: x",
      "kind: ServiceAccount\nmetadata: { name: x }\n",
    ],
    ["secret", "volumes: [{ name: v, secret: { secretName: ~, name: x } }]", secret],
    ["secret", "volumes: [{ name: v, csi: { driver: d, nodePublishSecretRef: { name: x } } }]", secret],
    ["secret", "volumes: [{ name: v, cephfs: { monitors: [m], secretRef: { name: x } } }]", secret],
    ["secret", "volumes: [{ name: v, azureFile: { shareName: s, secretName: x } }]", secret],
    ["config-map", "volumes: [~, { name: v, configMap: { name: x, optional: ~ } }]", map],
    ["config-map", "initContainers: [{ name: i, envFrom: [{ configMapRef: { name: x } }] }]", map],
    ["config-map", "volumes: [{ name: v, configMap: { name: 7 } }]", map.replace("name: x", 'name: "7"')],
  ])("an object is needed: %s by %s", (kind, spec, maker) => {
    expect(edgesOf({ "n/app": pod("image: i", spec), "n/base": maker })).toEqual([
      `n/app needs n/base: ${kind}`,
    ]);
  });

  it("a pod without what a pod has needs nothing", () => {
    const empty = pod("env: ~", "volumes: ~\n  initContainers: {}\n  imagePullSecrets: [~]");
    expect(derived({ "n/app": empty, "n/odd": "kind: Service\nmetadata: { name: s }\nspec: ~\n" })).toEqual({
      edges: [],
      unprovided: [],
      notMade: [],
      faults: [],
    });
  });
});

describe("of a volume of which one file is mounted", () => {
  const file =
    "---\nkind: ConfigMap\nmetadata: { name: m }\ndata:\n  host: $(STATSD_SERVICE_HOST)\n  other: text\n";
  const mounting = (mounts: string, items = "") =>
    pod(`volumeMounts: [${mounts}]`, `volumes: [{ name: v, configMap: { name: m${items} } }]`, file);
  const items = ", items: [{ key: host, path: etc/host }]";

  it.each([
    ["that file", mounting("{ name: v, subPath: host }")],
    [
      "one whose key is its path",
      mounting("{ name: v, subPath: host }", ", items: [{ key: host }, { path: x }]"),
    ],
    ["also the whole", mounting("{ name: v, subPath: other }, { name: v }")],
    ["a file of another name", mounting("{ name: v, subPath: etc/host }", items)],
    ["a folder", mounting("{ name: v, subPath: etc }", items)],
    ["one that only the pod knows", mounting("{ name: v, subPathExpr: $(POD_NAME) }")],
  ])("what it mentions is read: %s", (_, app) => {
    expect(edgesOf({ "n/app": app, "n/exporter": exporter })).toEqual(["n/app needs n/exporter: variable"]);
  });

  it.each([
    ["other", mounting("{ name: v, subPath: other }")],
    ["of a volume of another name", mounting("{ name: w }, { subPath: host }")],
    ["etc/hos, which only begins like it", mounting("{ name: v, subPath: etc/hos }", items)],
    ["other/host", mounting("{ name: v, subPath: other/host }", items)],
    ["the key, which has another name there", mounting("{ name: v, subPath: host }", items)],
  ])("what others mention is not: %s", (_, app) => {
    expect(edgesOf({ "n/app": app, "n/exporter": exporter })).toEqual([]);
  });
});
