import fc from "fast-check";
import { expect, test } from "vitest";
import {
  serviceOf,
  serviceVariableKind,
  variablesOfService,
} from "../../src/core/manifests/service-variable.ts";

test("a Service has all the variables that kubelet makes of it", () => {
  const ports = [{ port: 9125, name: "statsd-udp", protocol: "UDP" }, { port: 80 }];
  expect(variablesOfService("foo-bar", ports)).toEqual([
    "FOO_BAR_SERVICE_HOST",
    "FOO_BAR_SERVICE_PORT",
    "FOO_BAR_PORT",
    "FOO_BAR_SERVICE_PORT_STATSD_UDP",
    "FOO_BAR_PORT_9125_UDP",
    "FOO_BAR_PORT_9125_UDP_PROTO",
    "FOO_BAR_PORT_9125_UDP_PORT",
    "FOO_BAR_PORT_9125_UDP_ADDR",
    "FOO_BAR_PORT_80_TCP",
    "FOO_BAR_PORT_80_TCP_PROTO",
    "FOO_BAR_PORT_80_TCP_PORT",
    "FOO_BAR_PORT_80_TCP_ADDR",
  ]);
});

test("each of its variables leads back to a Service, and is known as one", () => {
  const word = fc.constantFrom("a", "port", "host", "x1", "statsd", "tcp");
  const name = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => ["s", ...words].join("-"));
  const port = fc.record({ port: fc.integer({ min: 1, max: 65_535 }), name: fc.constantFrom("http", "a-b") });
  fc.assert(
    fc.property(name, port, (service, one) => {
      const link = `${service.toUpperCase().replaceAll("-", "_")}_PORT`;
      for (const variable of variablesOfService(service, [one])) {
        expect([variable, serviceOf(variable)]).toEqual([variable, service]);
        expect(serviceVariableKind(variable)).toBe(variable === link ? "possible" : "certain");
      }
    }),
  );
});

test("the API server's own are none", () => {
  const words = [
    "KUBERNETES_SERVICE_HOST",
    "KUBERNETES_PORT",
    "KUBERNETES_PORT_443_TCP_ADDR",
    "SERVICE_HOSTS",
    "PORT",
  ];
  expect(words.map(serviceVariableKind)).toEqual(words.map(() => undefined));
});
