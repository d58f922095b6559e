/** What the stand-in kubelet did. */
export type KubeletEvent =
  | ContainerStarted
  | (ContainerEvent & { readonly kind: "crashed"; readonly missing: readonly string[] })
  | (PodEvent & { readonly kind: "ready" | "deleted" });

export interface ContainerStarted extends ContainerEvent {
  readonly kind: "started";
  /** The service variables that this start got. */
  readonly variables: Readonly<Record<string, string>>;
  /** Those that it wants and did not get. */
  readonly missing: readonly string[];
}

export interface PodEvent {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly namespace: string;
  /** The pod's label `release`. */
  readonly release: string;
  readonly pod: string;
}

interface ContainerEvent extends PodEvent {
  readonly container: string;
  /** 0 at the first start. */
  readonly restarts: number;
}
