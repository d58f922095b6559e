import { expect, it } from "vitest";
import { adviseDnsNames } from "../../src/core/check/check-dns.ts";
import { variablesOfService } from "../../src/core/manifests/service-variable.ts";
import { derived, exporter, pod } from "./support/pod-manifests.ts";

it("every variable of a Service has a value that can stand in its place", () => {
  const ports = [{ port: 9125, name: "udp", protocol: "UDP" }, { port: 9102 }];
  const variables = variablesOfService("statsd", ports);
  const args = variables.map((variable) => `$(${variable})`).join(", ");
  const { edges } = derived({ "n/app": pod(`args: [${args}]`), "n/exporter": exporter });
  const advice = new Map(adviseDnsNames(edges).map(({ variable, change }) => [variable, valueIn(change)]));
  expect(
    variables.map((variable) => `${variable}: ${advice.get(variable)}`).join("\n"),
  ).toMatchInlineSnapshot(`
    "STATSD_SERVICE_HOST: statsd.n.svc
    STATSD_SERVICE_PORT: the number of the port
    STATSD_PORT: statsd.n.svc with the protocol and the number of the port
    STATSD_SERVICE_PORT_UDP: the number of the port
    STATSD_PORT_9125_UDP: udp://statsd.n.svc:9125
    STATSD_PORT_9125_UDP_PROTO: udp
    STATSD_PORT_9125_UDP_PORT: 9125
    STATSD_PORT_9125_UDP_ADDR: statsd.n.svc
    STATSD_PORT_9102_TCP: tcp://statsd.n.svc:9102
    STATSD_PORT_9102_TCP_PROTO: tcp
    STATSD_PORT_9102_TCP_PORT: 9102
    STATSD_PORT_9102_TCP_ADDR: statsd.n.svc"
  `);
});

function valueIn(change: string): string | undefined {
  return /, put (.*) where the chart writes /.exec(change)?.[1];
}

it.each(["my-addr", "my-service-host", "my-port-80-tcp-x"])(
  "a Service may be called as the end of a variable: %s",
  (name) => {
    const variables = variablesOfService(name, [{ port: 9102 }]).slice(0, 2);
    const app = pod(`args: [${variables.map((variable) => `$(${variable})`).join(", ")}]`);
    const { edges } = derived({ "n/app": app, "n/exporter": exporter.replace("statsd", name) });
    const advice = adviseDnsNames(edges).map(({ variable, change }) => [variable, valueIn(change)]);
    expect(advice).toEqual([
      [variables[0], `${name}.n.svc`],
      [variables[1], "the number of the port"],
    ]);
  },
);

it("where it is written in more than one way, it is told where php-fpm has it, with all places", () => {
  const map = `---
kind: ConfigMap
metadata: { name: m }
data:
  www.conf: env['STATSD_SERVICE_HOST'] = $STATSD_SERVICE_HOST
`;
  const volumes = "volumes: [{ name: v, configMap: { name: m } }]";
  const app = pod("args: [$(STATSD_SERVICE_HOST)]\n      volumeMounts: [{ name: v }]", volumes, map);
  const { edges } = derived({ "n/app": app, "n/exporter": exporter });
  expect(adviseDnsNames(edges).map(({ change, evidence }) => `${change}; ${evidence.length}`)).toEqual([
    "in the values of n/app, let php.envvars.STATSD_SERVICE_HOST be statsd.n.svc instead of null; 2",
  ]);
});

it("it is said where each variable is written, and only of variables", () => {
  const map = `---
kind: ConfigMap
metadata: { name: m }
data:
  www.conf: |
    env['STATSD_SERVICE_HOST'] = \${STATSD_SERVICE_HOST}
    host = statsd.n.svc
`;
  const app = pod(
    "args: [$(STATSD_SERVICE_PORT)]\n      volumeMounts: [{ name: v }]",
    "volumes: [{ name: v, configMap: { name: m } }]",
  );
  const { edges } = derived({ "n/app": app, "n/base": map, "n/exporter": exporter });
  const told = adviseDnsNames(edges).map(
    ({ release, provider, change, evidence }) =>
      `${release} → ${provider}: ${change}; ${evidence.map(({ mention }) => mention).join(", ")}`,
  );
  expect(told.join("\n")).toMatchInlineSnapshot(`
    "n/app → n/exporter: in the values of n/base, let php.envvars.STATSD_SERVICE_HOST be statsd.n.svc instead of null; STATSD_SERVICE_HOST
    n/app → n/exporter: in the values of n/app, put the number of the port where the chart writes STATSD_SERVICE_PORT; STATSD_SERVICE_PORT"
  `);
});
