import { describe, expect, it, test } from "vitest";
import { doubtfulNeeds } from "../../src/core/manifests/doubtful-needs.ts";
import { readRenderedObjects } from "../../src/core/manifests/rendered-objects.ts";
import { shownFaults } from "../support/shown-faults.ts";
import { derived, edgesOf, exporter, pod } from "./support/pod-manifests.ts";

function mounting(text: string, container = ""): string {
  const mount = `${container}\n      volumeMounts: [{ name: v }]`;
  const map = `---\nkind: ConfigMap\nmetadata: { name: m }\ndata:\n  file: |\n    ${text}`;
  return pod(mount, "volumes: [{ name: v, configMap: { name: m } }]", map);
}

const needsExporter = ["n/app needs n/exporter: variable"];

describe("a variable that kubelet makes of a Service", () => {
  it.each([
    ["in an argument", pod("args: [--host=$(STATSD_SERVICE_HOST)]")],
    ["in a command of a shell", pod(`command: [sh, -c, "exec a $STATSD_SERVICE_PORT"]`)],
    ["in the value of another variable", pod("env: [{ name: A, value: $(STATSD_SERVICE_PORT_UDP) }]")],
    ["as one of Docker's links", pod("args: [$(STATSD_PORT_9125_UDP_ADDR)]")],
    ["as a link that no name tells apart", pod("args: [$(STATSD_PORT)]")],
    ["as a link of a port that is TCP by default", pod("args: [$(STATSD_PORT_9102_TCP)]")],
    ["in a file that is mounted", mounting(`host = \${STATSD_SERVICE_HOST}`)],
    [
      "on the right side of a line of php-fpm",
      mounting(`env['STATSD_SERVICE_HOST'] = \${STATSD_SERVICE_HOST}`),
    ],
    [
      "where it is set only by itself",
      pod("env: [{ name: STATSD_SERVICE_HOST, value: $(STATSD_SERVICE_HOST) }]"),
    ],
    [
      "in an init container",
      pod("image: i", "initContainers: [{ name: i, args: [$(STATSD_SERVICE_HOST)] }]"),
    ],
  ])("is needed %s", (_, app) => {
    expect(edgesOf({ "n/app": app, "n/exporter": exporter })).toEqual(needsExporter);
  });

  it.each([
    [
      "it is set by the container",
      pod("env: [{ name: STATSD_SERVICE_HOST, value: h }]\n      args: [$(STATSD_SERVICE_HOST)]"),
    ],
    ["a file that the container gets sets it", mounting("env['STATSD_SERVICE_HOST'] = statsd.example.org")],
    [
      "a ConfigMap's key is a variable of that name",
      pod(
        "envFrom: [{ configMapRef: { name: m }, prefix: STATSD_ }]\n      args: [$(STATSD_SERVICE_HOST)]",
        "",
        "---\nkind: ConfigMap\nmetadata: { name: m }\ndata: { SERVICE_HOST: h }",
      ),
    ],
    [
      "a Secret's key is a variable of that name",
      pod(
        "envFrom: [{ secretRef: { name: m } }]\n      args: [$(STATSD_SERVICE_HOST)]",
        "",
        "---\nkind: Secret\nmetadata: { name: m }\ndata: { STATSD_SERVICE_HOST: eA== }",
      ),
    ],
    ["a comment mentions it", mounting(`# \${STATSD_SERVICE_HOST}`)],
    ["the mark before it says that it is a text", pod("args: [$$(STATSD_SERVICE_HOST)]")],
    ["it is part of a longer word", pod("args: [$(MY_STATSD_PORT), XSTATSD_SERVICE_HOST_NAME]")],
    ["nobody mounts the file", `kind: ConfigMap\nmetadata: { name: m }\ndata: { a: $(STATSD_SERVICE_HOST) }`],
    [
      "only another key of the ConfigMap is mounted",
      mounting(`host = \${STATSD_SERVICE_HOST}`).replace(
        "{ name: m } }]",
        "{ name: m, items: [{ key: other }] } }]",
      ),
    ],
    [
      "one file that the container gets mentions it, and another one sets it",
      mounting(`host = \${STATSD_SERVICE_HOST}`, "envFrom: [{ configMapRef: { name: k } }]").concat(
        "\n---\nkind: ConfigMap\nmetadata: { name: k }\ndata: { a: \"env['STATSD_SERVICE_HOST'] = h\" }\n",
      ),
    ],
    [
      "a file mentions it, and the container sets it",
      mounting(`host = \${STATSD_SERVICE_HOST}`, "env: [{ name: STATSD_SERVICE_HOST, value: h }]"),
    ],
    [
      "a file mentions it, and a Secret's key is a variable of that name",
      mounting(`host = \${STATSD_SERVICE_HOST}`, "envFrom: [{ secretRef: { name: k } }]").concat(
        "\n---\nkind: Secret\nmetadata: { name: k }\ndata: { STATSD_SERVICE_HOST: eA== }\n",
      ),
    ],
    [
      "what is called containers is none",
      "kind: Ship\nmetadata: { name: s }\nspec: { containers: [{ name: c, args: [$(STATSD_SERVICE_HOST)] }, { image: i }] }\n",
    ],
    [
      "its pods ask for no variables of Services, and there is a default for it",
      pod(`command: [sh, -c, "a \${STATSD_SERVICE_HOST:-b}"]`, "enableServiceLinks: false"),
    ],
    [
      "its pods ask for no variables of Services, and it may be no such variable",
      pod("args: [$(STATSD_PORT)]", "enableServiceLinks: false"),
    ],
    ["the own release has the Service", `${pod("args: [$(STATSD_SERVICE_HOST)]")}---${exporter}`],
  ])("is not needed where %s", (_, app) => {
    expect(derived({ "n/app": app, "n/exporter": exporter })).toEqual({
      edges: [],
      unprovided: [],
      notMade: [],
      faults: [],
    });
  });

  it("is only used where there is a default for it, unless it is needed elsewhere", () => {
    const withDefault = mounting(`host = \${STATSD_SERVICE_HOST:-localhost}`);
    expect(edgesOf({ "n/app": withDefault, "n/exporter": exporter })).toEqual([
      "n/app uses n/exporter: variable",
    ]);
    const both = mounting(`host = \${STATSD_SERVICE_HOST:-localhost}`, "args: [$(STATSD_SERVICE_HOST)]");
    expect(edgesOf({ "n/app": both, "n/exporter": exporter })).toEqual(needsExporter);
  });

  it.each([
    ["no-service", "kind: Service\nmetadata: { name: other }"],
    ["no-service", exporter.replace("{ name: statsd }", "{ name: statsd, namespace: elsewhere }")],
    ["no-address", exporter.replace("spec: {", "spec: { clusterIP: None,")],
    ["no-address", exporter.replace("spec: {", "spec: { type: ExternalName,")],
  ])("is provided by no release: %s", (why, service) => {
    const { edges, unprovided } = derived({
      "n/app": pod("args: [$(STATSD_SERVICE_HOST)]"),
      "n/exporter": service,
    });
    expect(edges).toEqual([]);
    expect(unprovided).toEqual([
      {
        release: "n/app",
        variable: "STATSD_SERVICE_HOST",
        why,
        evidence: [
          {
            kind: "Pod",
            name: "p",
            container: "c",
            mention: "STATSD_SERVICE_HOST",
            file: "n/app.yaml",
            line: 8,
            text: "args: [$(STATSD_SERVICE_HOST)]",
          },
        ],
      },
    ]);
  });

  it("of a port that the Service does not have is provided by no release", () => {
    const app = pod("args: [$(STATSD_SERVICE_PORT_HTTP), $(STATSD_PORT_80_TCP_ADDR), $(SOME_PORT)]");
    const { unprovided } = derived({ "n/app": app, "n/exporter": exporter });
    expect(unprovided.map(({ variable, why }) => `${variable} ${why}`)).toEqual([
      "STATSD_PORT_80_TCP_ADDR no-port",
      "STATSD_SERVICE_PORT_HTTP no-port",
    ]);
  });

  it("is a fault where the pod asks for no variables of Services, also of its own release's", () => {
    const app = `${pod("args: [$(STATSD_SERVICE_HOST)]", "enableServiceLinks: false")}---${exporter}`;
    const { edges, unprovided, faults } = derived({ "n/app": app });
    expect([edges, unprovided]).toEqual([[], []]);
    expect(faults).toMatchObject([
      {
        code: "no-service-links",
        place: { file: "n/app.yaml", line: 8, text: "args: [$(STATSD_SERVICE_HOST)]" },
      },
    ]);
  });

  it("of the API server is always there", () => {
    const app = pod("args: [$(KUBERNETES_SERVICE_HOST), $(KUBERNETES_PORT_443_TCP_ADDR)]");
    expect(derived({ "n/app": app }).unprovided).toEqual([]);
  });
});

describe("an object that a pod names", () => {
  const notMade = (texts: Readonly<Record<string, string>>) =>
    derived(texts).notMade.map(
      ({ release, kind, namespace, name, evidence: [first] }) =>
        `${release} needs ${kind} ${namespace}/${name} (line ${first?.line})`,
    );
  const maker = ["ConfigMap", "Secret", "PersistentVolumeClaim", "ServiceAccount"]
    .map((kind) => `---\nkind: ${kind}\nmetadata: { name: x }\n`)
    .join("");

  it.each([
    ["config-map", pod("envFrom: [{ configMapRef: { name: x } }]")],
    ["config-map", pod("env: [{ name: A, valueFrom: { configMapKeyRef: { name: x, key: k } } }]")],
    ["config-map", pod("image: i", "volumes: [{ name: v, configMap: { name: x } }]")],
    [
      "config-map",
      pod("image: i", "volumes: [{ name: v, projected: { sources: [{ configMap: { name: x } }] } }]"),
    ],
    ["secret", pod("envFrom: [{ secretRef: { name: x } }]")],
    ["secret", pod("env: [{ name: A, valueFrom: { secretKeyRef: { name: x, key: k } } }]")],
    ["secret", pod("image: i", "volumes: [{ name: v, secret: { secretName: x } }]")],
    ["secret", pod("image: i", "volumes: [{ name: v, projected: { sources: [{ secret: { name: x } }] } }]")],
    ["volume-claim", pod("image: i", "volumes: [{ name: v, persistentVolumeClaim: { claimName: x } }]")],
    ["service-account", pod("image: i", "serviceAccountName: x")],
  ])("is needed from the release that makes it: %s", (kind, app) => {
    expect(edgesOf({ "n/app": app, "n/base": maker })).toEqual([`n/app needs n/base: ${kind}`]);
    // Without the one that makes it, with it in another namespace, or in the own release it is nobody's.
    expect(edgesOf({ "n/app": app, "other/base": maker })).toEqual([]);
    expect(edgesOf({ "n/app": app + maker, "n/base": maker })).toEqual([]);
  });

  it("is only used where it is optional", () => {
    const app = pod(
      "envFrom: [{ configMapRef: { name: x, optional: true } }]",
      "imagePullSecrets: [{ name: x }]",
    );
    expect(edgesOf({ "n/app": app, "n/base": maker })).toEqual([
      "n/app uses n/base: config-map",
      "n/app uses n/base: secret",
    ]);
  });

  it("is told where no release of the namespace makes it, once, and never where it is optional", () => {
    const app = pod(
      "envFrom: [{ configMapRef: { name: x } }, { secretRef: { name: y, optional: true } }]",
      "volumes: [{ name: v, configMap: { name: x } }, { name: w, secret: { secretName: z } }, { name: u, secret: { secretName: a } }]",
    );
    expect(notMade({ "n/app": app, "other/base": maker })).toEqual([
      "n/app needs config-map n/x (line 5)",
      "n/app needs secret n/a (line 5)",
      "n/app needs secret n/z (line 5)",
    ]);
    expect(notMade({ "n/app": app, "n/base": maker })).toEqual([
      "n/app needs secret n/a (line 5)",
      "n/app needs secret n/z (line 5)",
    ]);
    expect(notMade({ "n/app": app + maker })).toEqual([
      "n/app needs secret n/a (line 5)",
      "n/app needs secret n/z (line 5)",
    ]);
    // The pod's namespace counts, and not that of its release.
    const elsewhere = app.replace("{ name: p }", "{ name: p, namespace: other }");
    expect(notMade({ "n/app": elsewhere, "n/base": maker })).toEqual([
      "n/app needs config-map other/x (line 5)",
      "n/app needs secret other/a (line 5)",
      "n/app needs secret other/z (line 5)",
    ]);
  });

  it("is there where Kubernetes itself makes it", () => {
    const spec =
      "serviceAccountName: default\n  volumes: [{ name: v, configMap: { name: kube-root-ca.crt } }]";
    expect(notMade({ "n/app": pod("image: i", spec) })).toEqual([]);
  });
});

test.each([
  ["Deployment", "spec: { template: { spec: POD } }"],
  ["StatefulSet", "spec: { template: { spec: POD } }"],
  ["DaemonSet", "spec: { template: { spec: POD } }"],
  ["Job", "spec: { template: { spec: POD } }"],
  ["CronJob", "spec: { jobTemplate: { spec: { template: { spec: POD } } } }"],
  ["Pod", "spec: POD"],
  ["FlinkDeployment", "spec: { jobManager: { podTemplate: { spec: POD } } }"],
  ["List", "items: [{ kind: Pod, metadata: { name: w }, spec: POD }]"],
])("the pods of a %s are found", (kind, spec) => {
  const text = `kind: ${kind}\nmetadata: { name: w }\n${spec.replace("POD", "{ serviceAccountName: x, containers: [{ name: c }] }")}\n`;
  const account = "kind: ServiceAccount\nmetadata: { name: x }\n";
  expect(edgesOf({ "n/app": text, "n/base": account })).toEqual(["n/app needs n/base: service-account"]);
});

describe("a Service that is named by DNS", () => {
  it.each([
    "statsd.n.svc.cluster.local",
    "http://statsd.n.svc:9102/x",
    "statsd.n:9125",
    "udp://_a._udp.statsd.n.svc",
    "Sent to statsd.n.",
    "statsd.n.svc statsd.n.svc",
    "xyz.statsd.n-is-none/statsd.n",
  ])("is used from afar: %s", (name) => {
    const text = `kind: Anything\nmetadata: { name: a }\nspec: { deep: [{ url: "${name}" }] }\n`;
    expect(edgesOf({ "m/app": text, "n/exporter": exporter })).toEqual(["m/app uses n/exporter: dns"]);
  });

  it.each([
    "statsd.n.example.org",
    "xstatsd.n",
    "statsd.nn",
    "a_statsd.n",
    "statsd",
    "# statsd.n.svc",
    "  // statsd.n",
    "; statsd.n",
    "statsd.n.svc-x",
    "Statsd.n",
    "9statsd.n",
    "statsd..n",
  ])("is something else: %s", (name) => {
    const text = `kind: Anything\nmetadata: { name: a }\nspec: { url: "${name}" }\n`;
    expect(edgesOf({ "m/app": text, "n/exporter": exporter })).toEqual([]);
  });
});

test("what is there only for `helm test`, or only describes objects, needs nothing", () => {
  const hook = pod("args: [$(STATSD_SERVICE_HOST)]").replace(
    "{ name: p }",
    "{ name: p, annotations: { helm.sh/hook: test } }",
  );
  const definition = "kind: CustomResourceDefinition\nmetadata: { name: d }\nspec: { url: statsd.n.svc }\n";
  expect(edgesOf({ "n/app": `${hook}---\n${definition}`, "n/exporter": exporter })).toEqual([]);
});

test("documents that are no YAML or no object are told with their place, and the others are read", () => {
  const text = `kind: Pod\nmetadata: { name: p }\n---\na: b: c\n---\n# nothing\n---\n- x\n---\nkind: Service\nmetadata: { name: s }\n`;
  const { objects, faults } = readRenderedObjects({ file: "f.yaml", text });
  expect(shownFaults(faults)).toMatchInlineSnapshot(`
    "[not-yaml] f.yaml:4:4: error: not valid YAML: nested mappings are not allowed in compact mappings
      4 | a: b: c
        |    ^
      to do: give each key its own line, and put a text that holds ": " in quotes

    [no-object] f.yaml:8:1: error: this document is no object of Kubernetes: it has no kind, or no name
      8 | - x
        | ^^^
      expected: kind, and metadata with a name"
  `);
  expect(objects.map(({ kind, name, line }) => `${kind} ${name} ${line}`)).toEqual([
    "Pod p 1",
    "Service s 10",
  ]);
});

test("anchors, merge keys and aliases say what they stand for", () => {
  const text = `
kind: Pod
metadata: { name: p }
spec:
  containers:
    - &first
      name: c
      args: &args [$(STATSD_SERVICE_HOST)]
    - <<: *first
      name: d
`;
  const [edge] = derived({ "n/app": text, "n/exporter": exporter }).edges;
  expect(edge?.evidence.map(({ container, line }) => `${container} ${line}`)).toEqual(["c 8", "d 8"]);
});

test("what is missing in a namespace may be provided by what could not be rendered there", () => {
  const needy = pod("args: [$(STATSD_SERVICE_HOST)]\n      envFrom: [{ configMapRef: { name: x } }]");
  const found = derived({ "n/app": needy, "m/app": needy.replaceAll(" x ", " y ") });
  expect(doubtfulNeeds(found, ["n/exporter"])).toEqual(["STATSD_SERVICE_HOST", "x"]);
  expect(doubtfulNeeds(found, ["other/exporter"])).toEqual([]);
});
