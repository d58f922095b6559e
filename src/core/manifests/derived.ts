import type { Diagnostic } from "../common/diagnostic.ts";
import type { ObjectKind } from "./object-kind.ts";
import type { RenderedObject } from "./rendered-objects.ts";

/** What helm would deploy for a release. */
export interface RenderedRelease {
  /** `namespace/name`. */
  readonly id: string;
  readonly objects: readonly RenderedObject[];
}

/**
 * Why a release needs another one:
 *
 * - `variable`: a container reads a variable that kubelet makes of a Service, when the container starts;
 * - `config-map`, `secret`, `volume-claim`, `service-account`: a pod cannot be started without it;
 * - `dns`: a text names a Service by DNS, so that it must be there sooner or later.
 */
export const edgeKinds = [
  "variable",
  "config-map",
  "secret",
  "volume-claim",
  "service-account",
  "dns",
] as const;
/** One of {@link edgeKinds}. */
export type EdgeKind = (typeof edgeKinds)[number];

/** Where a manifest shows that something is needed. */
export interface DerivedEvidence {
  /** Of the object that mentions it: `Deployment`, `ConfigMap`. */
  readonly kind: string;
  readonly name: string;
  readonly container?: string;
  /** The release that makes this object, where it is another one than the release that needs something. */
  readonly release?: string;
  /** What is mentioned: a variable, the name of an object, a DNS name. */
  readonly mention: string;
  readonly file: string;
  readonly line: number;
  /** The line, without its indentation. */
  readonly text: string;
}

/** A release needs another one. */
export interface DerivedEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: EdgeKind;
  /** It starts without it too: a name in DNS, a variable with a default, an object that is optional. */
  readonly soft: boolean;
  readonly evidence: readonly DerivedEvidence[];
}

/** A variable that containers of a release read, and that no Service of the namespace gives them. */
export interface UnprovidedVariable {
  readonly release: string;
  readonly variable: string;
  /**
   * `no-service`: no release of the namespace has the Service; `no-address`: it is headless or an external name, and
   * kubelet makes no variables of it; `no-port`: it has no such port.
   */
  readonly why: "no-service" | "no-address" | "no-port";
  readonly evidence: readonly DerivedEvidence[];
}

/**
 * An object that pods of a release cannot be started without, and that no release makes. Something else than helm may
 * make it, so that this alone is no fault.
 */
export interface UnmadeObject {
  readonly release: string;
  readonly kind: ObjectKind;
  readonly namespace: string;
  readonly name: string;
  readonly evidence: readonly DerivedEvidence[];
}

/** What releases need of one another, sorted. */
export interface Derived {
  /** By `from`, `to` and kind. */
  readonly edges: readonly DerivedEdge[];
  readonly unprovided: readonly UnprovidedVariable[];
  readonly notMade: readonly UnmadeObject[];
  /** Each with the release that it is about. */
  readonly faults: readonly (Diagnostic & { readonly release: string })[];
}
