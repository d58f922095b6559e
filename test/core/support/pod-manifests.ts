import { expect } from "vitest";
import { deriveDependencies } from "../../../src/core/manifests/derive.ts";
import type { Derived, RenderedRelease } from "../../../src/core/manifests/derived.ts";
import { readRenderedObjects } from "../../../src/core/manifests/rendered-objects.ts";

type Texts = Readonly<Record<string, string>>;

/** Releases by id, each with its manifests, which have no fault. */
function releases(texts: Texts): RenderedRelease[] {
  return Object.entries(texts).map(([id, text]) => {
    const { objects, faults } = readRenderedObjects({ file: `${id}.yaml`, text });
    expect(faults).toEqual([]);
    return { id, objects };
  });
}

export function derived(texts: Texts): Derived {
  return deriveDependencies(releases(texts));
}

/** Each edge in words. */
export function edgesOf(texts: Texts): string[] {
  return derived(texts).edges.map(
    ({ from, to, kind, soft }) => `${from} ${soft ? "uses" : "needs"} ${to}: ${kind}`,
  );
}

/** A Service with the ports 9125 (UDP, by name) and 9102. */
export const exporter = `
kind: Service
metadata: { name: statsd }
spec: { ports: [{ name: udp, port: 9125, protocol: UDP }, { port: 9102 }] }
`;

/** A pod with one container, what its specification has besides, and further documents. */
export function pod(container: string, spec = "", rest = ""): string {
  return `
kind: Pod
metadata: { name: p }
spec:
  ${spec}
  containers:
    - name: c
      ${container}
${rest}`;
}
