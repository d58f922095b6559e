import type { RenderedEnvironment } from "../../src/core/check/check-facts.ts";
import { deriveDependencies } from "../../src/core/manifests/derive.ts";
import type { RenderedRelease } from "../../src/core/manifests/derived.ts";
import { madeByRelease } from "../../src/core/manifests/made-by-release.ts";
import { readRenderedObjects } from "../../src/core/manifests/rendered-objects.ts";

/** What `check` is told of manifests, by the release that they belong to. */
export function rendered(
  manifests: Readonly<Record<string, readonly string[]>>,
  overrides: Partial<RenderedEnvironment> = {},
): RenderedEnvironment {
  const releases = Object.entries(manifests).map(([id, texts]) => ({
    id,
    objects: readRenderedObjects({ file: `${id}/all.yaml`, text: texts.join("---\n") }).objects,
  }));
  return renderedReleases(releases, overrides);
}

/** The same of objects that are read already. */
export function renderedReleases(
  releases: readonly RenderedRelease[],
  overrides: Partial<RenderedEnvironment> = {},
): RenderedEnvironment {
  return {
    environment: "eqiad",
    derived: deriveDependencies(releases),
    releases: releases.map(madeByRelease),
    notRendered: [],
    faults: [],
    ...overrides,
  };
}

/** A Service with an address and the port 80. */
export function serviceManifest(name: string): string {
  return `kind: Service\nmetadata: { name: ${name} }\nspec: { ports: [{ port: 80 }] }\n`;
}

/** A Deployment whose container has these words on its command line. */
export function deploymentManifest(name: string, words: readonly string[], pod = ""): string {
  const args = words.map((word) => `            - ${word}\n`).join("");
  return `kind: Deployment
metadata: { name: ${name} }
spec:
  template:
    spec:
${pod}      containers:
        - name: app
          args:
            - start
${args}`;
}
