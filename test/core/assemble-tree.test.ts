import { expect, it } from "vitest";
import type { Service } from "../../src/core/common/release.ts";
import { assembleTree } from "../../src/core/tree/assemble-tree.ts";
import { release } from "../support/tree.ts";

function service(name: string, ...ids: string[]): Service {
  return {
    name,
    helmfile: `${name}/helmfile.yaml`,
    releases: ids.map((id) => release(id, { service: name })),
  };
}

function assembled(
  services: readonly Service[],
  { absent = [], unreadable = [] }: Partial<Omit<Parameters<typeof assembleTree>[0], "services">> = {},
) {
  const tree = assembleTree({ environment: "eqiad", services, absent, unreadable });
  return { ...tree, services: tree.services.map(({ name }) => name) };
}

it("a tree is in the order of names, whatever the order in which it was read", () => {
  const services = ["b", "a", "c", "B"].map((name) => service(name, `${name.toLowerCase()}/${name}`));
  const unreadable = ["z", "x", "y"].map((name) => ({ service: name, message: `no ${name}`, exitCode: 1 }));
  expect(assembled(services, { absent: ["q", "p"], unreadable })).toEqual({
    environment: "eqiad",
    services: ["B", "a", "b", "c"],
    absent: ["p", "q"],
    unreadable: ["x", "y", "z"].map((name) => ({ service: name, message: `no ${name}`, exitCode: 1 })),
  });
});

it("a release that several services list makes each of them unreadable, and no other", () => {
  const services = [
    service("c", "n/r"),
    service("b", "n/r"),
    service("a", "n/r", "a/own"),
    service("d", "n/s"),
  ];
  expect(assembled(services, { unreadable: [{ service: "aa", message: "no" }] })).toMatchObject({
    services: ["d"],
    unreadable: [
      { service: "a", message: "its release n/r is listed by c and b too" },
      { service: "aa", message: "no" },
      { service: "b", message: "its release n/r is listed by c and a too" },
      { service: "c", message: "its release n/r is listed by b and a too" },
    ],
  });
});

it("of many disputed releases of a service the first is named", () => {
  const services = [service("a", "n/r", "n/s"), service("b", "n/r", "n/s")];
  expect(assembled(services).unreadable).toEqual([
    { service: "a", message: "its release n/r is listed by b too" },
    { service: "b", message: "its release n/r is listed by a too" },
  ]);
});

it("a release without namespace may be listed by many: it may be another one in each", () => {
  expect(assembled([service("b", "/r"), service("a", "/r")])).toMatchObject({
    services: ["a", "b"],
    unreadable: [],
  });
});
