import { expect, it } from "vitest";
import { treeSchema } from "../../src/core/tree/tree-schema.ts";
import { release, tree } from "../support/tree.ts";

const sound = tree([release("b/r", { needs: [] }), release("a/r")], {
  absent: ["z", "y"],
  unreadable: [
    { service: "x", message: "no" },
    { service: "w", message: "no", exitCode: 1 },
  ],
});

/** The faults, each behind its path: of the form that is meant. */
function faultsOf(value: unknown): string[] {
  const read = treeSchema.safeParse(value);
  const issues = read.success ? [] : read.error.issues;
  return issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
}

const listed = (name: string, namespace: string) => ({ name, namespace, chart: "c" });

it("a tree that a program hands over is sorted, whichever of its two forms it has", () => {
  const sorted = { ...sound, absent: ["y", "z"], unreadable: sound.unreadable.toReversed() };
  expect(treeSchema.parse({ ...sound, services: sound.services.toReversed() })).toEqual(sorted);
  const written = {
    version: 1,
    environment: "eqiad",
    services: sound.services.toReversed().map(({ name, helmfile, releases }) => ({
      service: name,
      helmfile,
      releases: releases.map(({ chart }) => ({ ...listed("r", name), chart })),
    })),
    absent: sound.absent,
    errors: sound.unreadable,
  };
  expect(treeSchema.parse(written)).toEqual(sorted);
});

it("a tree names each service and each release once, and says where it does not", () => {
  const [first, second] = tree([release("n/r", { service: "a" }), release("n/r", { service: "b" })]).services;
  expect(
    faultsOf({
      ...sound,
      services: [first, second],
      absent: ["a", "c", "c"],
      unreadable: [
        { service: "b", message: "no" },
        { service: "d", message: "no" },
        { service: "d", message: "no" },
      ],
    }),
  ).toMatchInlineSnapshot(`
    [
      "absent.0: the service a is named twice, and can be only one",
      "absent.2: the service c is named twice, and can be only one",
      "unreadable.0.service: the service b is named twice, and can be only one",
      "unreadable.2.service: the service d is named twice, and can be only one",
      "services.1.releases.0.name: the release n/r is listed twice",
    ]
  `);
});

it("an inventory that is handed over does so, too", () => {
  const services = ["a", "b"].map((service) => ({
    service,
    helmfile: `${service}/h.yaml`,
    releases: [listed("r", "n"), listed("s", "")],
  }));
  expect(
    faultsOf({
      version: 1,
      environment: "eqiad",
      services,
      absent: ["b"],
      errors: [{ service: "a", message: "no" }],
    }),
  ).toMatchInlineSnapshot(`
    [
      "absent.0: the service b is named twice, and can be only one",
      "errors.0.service: the service a is named twice, and can be only one",
      "services.1.releases.0.name: the release n/r is listed twice",
    ]
  `);
});

it("a release is of the service that lists it, and its id is what its names say", () => {
  const [service] = tree([release("a/r", { service: "a" })]).services;
  const [one] = service?.releases ?? [];
  const wrong = { ...service, releases: [{ ...one, service: "b", id: "a/other" }] };
  expect(faultsOf({ ...sound, services: [wrong], unreadable: [] })).toMatchInlineSnapshot(`
    [
      "services.0.releases.0.id: namespace/name, as its other keys have them",
      "services.0.releases.0.service: the name of its service, a",
    ]
  `);
});
