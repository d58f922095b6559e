import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { adviseDnsNames } from "../../src/core/check/check-dns.ts";
import { deriveDependencies } from "../../src/core/manifests/derive.ts";
import { renderDerived } from "../../src/core/manifests/render-derived.ts";
import { readManifests } from "../../src/io/read-manifests.ts";

const folder = fileURLToPath(new URL("../../fixtures/manifests", import.meta.url));

async function derived() {
  const read = await readManifests(folder, { signal: new AbortController().signal });
  if (!read.ok) throw new Error(JSON.stringify(read.failure));
  expect(read.value).toMatchObject({ strays: [], faults: [] });
  return JSON.parse(JSON.stringify(deriveDependencies(read.value.releases)).replaceAll(`${folder}/`, ""));
}

test("every kind of workload and of coupling is found in what helm rendered, each with its place", async () => {
  const found = await derived();
  expect(found).toMatchSnapshot();
  expect(renderDerived(found)).toMatchSnapshot("for people");
});

test("each variable could be the Service's name in DNS, and it is said where", async () => {
  const { edges } = await derived();
  const advice = adviseDnsNames(edges).map(({ change, evidence: [first] }) => [
    change,
    `${first?.file}:${first?.line}`,
  ]);
  expect(advice).toMatchSnapshot();
});
