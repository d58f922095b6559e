import { expect, it } from "vitest";
import { renderDerived } from "../../src/core/manifests/render-derived.ts";
import { derived, exporter, pod } from "./support/pod-manifests.ts";

it("needs are told by namespace, each with the place that shows it, and then what nobody provides", async () => {
  const reading = pod(
    `args: [$(STATSD_SERVICE_HOST), $(STATSD_SERVICE_PORT), $(GONE_SERVICE_HOST), $(STATSD_PORT_1_TCP)]
      env: [{ name: A, value: "${"x".repeat(200)} $(HEADLESS_SERVICE_HOST)" }, { name: B, valueFrom: { secretKeyRef: { name: gone, key: k } } }]
      envFrom: [{ configMapRef: { name: m, optional: true } }, { secretRef: { name: keys } }]`,
    "serviceAccountName: runner\n  imagePullSecrets: [{ name: registry }]\n  volumes: [{ name: v, persistentVolumeClaim: { claimName: disk } }, { name: w, secret: { secretName: maybe, optional: true } }]",
  );
  const base = `
kind: ConfigMap
metadata: { name: m }
---
kind: Secret
metadata: { name: keys }
---
kind: ServiceAccount
metadata: { name: runner }
---
kind: Service
metadata: { name: headless }
spec: { clusterIP: None, ports: [{ port: 1 }] }
`;
  const naming =
    "kind: ConfigMap\nmetadata: { name: n }\ndata: { a: http://statsd.n.svc.cluster.local:9102 }\n";
  const found = derived({
    "n/app": reading,
    "n/exporter": exporter,
    "n/base": base,
    "other/app": naming,
    "/app": naming,
  });
  await expect(renderDerived(found)).toMatchFileSnapshot("__snapshots__/derived.txt");
  expect(renderDerived(derived({ "n/exporter": exporter }))).toBe("no release needs another one");
});

it("a line is shown without its indentation, and at most 200 characters of it", () => {
  const shownOf = (length: number) => {
    const { edges } = derived({
      "n/app": pod(`args: [$(STATSD_SERVICE_HOST), ${"x".repeat(length)}]`),
      "n/exporter": exporter,
    });
    return edges[0]?.evidence[0]?.text;
  };
  const start = "args: [$(STATSD_SERVICE_HOST), ";
  const rest = 200 - start.length;
  expect(shownOf(rest - 1)).toBe(`${start}${"x".repeat(rest - 1)}]`);
  expect(shownOf(rest)).toBe(`${start}${"x".repeat(rest - 1)}…`);
});
