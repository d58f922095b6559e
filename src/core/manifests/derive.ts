import type { Derived, RenderedRelease } from "./derived.ts";
import { dnsMentionsIn } from "./dns-mention.ts";
import { Finds } from "./found-dependencies.ts";
import { type NeededVariable, neededVariables, type SearchedTexts } from "./needed-variables.ts";
import { objectKinds } from "./object-kind.ts";
import type { PodTemplate } from "./pod-template.ts";
import { type PlacedObject, type ProvidedObjects, provideObjects } from "./provided-objects.ts";
import { placeOfLine, shown } from "./rendered-text.ts";
import { serviceOf } from "./service-variable.ts";

/**
 * What releases need of one another, as their rendered manifests show it. A release that makes itself what it needs
 * needs nobody. Variables that no release provides, and objects that none makes, stand beside the edges. A reference to
 * a release that was not handed in is none: hand in all of a namespace.
 *
 * The answer is sorted, and the same whatever the order and the formatting of the manifests is; only the lines differ.
 * It never throws, whatever the manifests hold.
 *
 * @example
 * const { objects, faults } = readRenderedObjects({ file: "rendered.yaml", text: manifests });
 * const { releases } = objectsByRelease(objects);
 * deriveDependencies(releases).edges.map(({ from, to, kind }) => `${from} needs ${to}: ${kind}`);
 * // ["mw-web/main needs mw-web/prometheus: variable"]
 */
export function deriveDependencies(releases: readonly RenderedRelease[]): Derived {
  const provided = provideObjects(releases);
  const known: SearchedTexts = new Map();
  const finds = new Finds();
  for (const owner of provided.placed) {
    for (const pod of owner.object.pods) {
      for (const needed of neededVariables(pod, { owner, provided, known }))
        findVariable(needed, { pod, owner, provided, finds });
      findReferences(pod, { owner, provided, finds });
    }
    findDnsNames({ owner, provided, finds });
  }
  return finds.sorted();
}

interface Search {
  readonly owner: PlacedObject;
  readonly provided: ProvidedObjects;
  readonly finds: Finds;
}

function findVariable(
  needed: NeededVariable,
  { pod, owner, provided, finds }: Search & { pod: PodTemplate },
): void {
  const { variable, hasDefault, kind, evidence } = needed;
  const { release, namespace } = owner;
  if (!pod.serviceLinks) {
    if (kind === "certain" && !hasDefault) finds.addFault({ release, variable, evidence });
    return;
  }
  const makers = provided.ofVariable(namespace, variable);
  finds.addEdges(makers, { from: release, kind: "variable", soft: hasDefault, evidence });
  if (makers.length > 0 || hasDefault || kind === "possible") return;
  const services = provided.find(namespace, "Service", serviceOf(variable));
  const withAddress = services.some(({ object }) => object.service?.why === undefined);
  const why = services.length === 0 ? "no-service" : withAddress ? "no-port" : "no-address";
  finds.addUnprovided({ release, variable, why, evidence });
}

function findReferences(pod: PodTemplate, { owner, provided, finds }: Search): void {
  const { release, namespace, object } = owner;
  for (const { kind, name, optional, container, line, written } of pod.references) {
    const evidence = {
      ...{ kind: object.kind, name: object.name },
      ...(container === undefined ? {} : { container }),
      ...{ mention: name, file: object.file, line, text: shown(written) },
    };
    const makers = provided.find(namespace, objectKinds[kind], name);
    finds.addEdges(makers, { from: release, kind, soft: optional, evidence });
    if (makers.length === 0 && !optional && !alwaysThere.has(`${kind} ${name}`))
      finds.addUnmade({ release, kind, namespace, name, evidence });
  }
}

/** Kubernetes itself makes these in every namespace. */
const alwaysThere: ReadonlySet<string> = new Set(["service-account default", "config-map kube-root-ca.crt"]);

function findDnsNames({ owner: { release, object }, provided, finds }: Search): void {
  for (const text of object.texts) {
    for (const mention of dnsMentionsIn(text.text, provided.namespaces)) {
      const { name, service, namespace } = mention;
      const { kind, name: of, file } = object;
      finds.addEdges(provided.find(namespace, "Service", service), {
        from: release,
        kind: "dns",
        soft: true,
        evidence: { kind, name: of, mention: name, file, ...placeOfLine(text, mention) },
      });
    }
  }
}
