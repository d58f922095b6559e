import type { Place } from "../common/diagnostic.ts";
import type { ReleaseClass } from "../common/release.ts";

/** A change of the registry that would mend a finding. Whether it does is found out by checking again. */
export type RegistryChange =
  /** A release gets a class in the entry of its namespace, and loses the one that it has there. */
  | {
      readonly kind: "classify";
      readonly namespace: string;
      readonly release: string;
      readonly class: ReleaseClass;
      /** Where it is required; everywhere if absent. */
      readonly environments?: readonly string[];
      /** The release of that class which has to come behind it. */
      readonly before?: string;
    }
  /** One release before another in a namespace's `sequence`. */
  | {
      readonly kind: "order";
      readonly namespace: string;
      readonly first: string;
      readonly second: string;
      /** All that need `first`, `second` among them: it goes before the earliest. */
      readonly readers: readonly string[];
      /** All that `second` needs, `first` among them: it goes behind the last. */
      readonly providers: readonly string[];
    }
  /** What a support release provides, by its key in `services`. */
  | { readonly kind: "provide"; readonly key: string; readonly provides: readonly string[] }
  /** The release named at a place is required in these environments only. */
  | { readonly kind: "limit"; readonly place: Place; readonly environments: readonly string[] }
  /** The name at a place is spelled like this. */
  | { readonly kind: "rename"; readonly name: string; readonly place: Place; readonly to: string }
  /** The name at a place goes, with what belongs to it. */
  | { readonly kind: "remove"; readonly name: string; readonly place: Place }
  | { readonly kind: "remove-rule"; readonly place: Place };

export type ClassifyChange = Extract<RegistryChange, { kind: "classify" }>;
export type OrderChange = Extract<RegistryChange, { kind: "order" }>;
