import type { Selection } from "../tree/selection.ts";
import type { PlanMode } from "./plan.ts";

/** What a plan is to be for, and how much of the tree it is about. */
export interface PlanOptions {
  /** What the rollout is for: {@link PlanMode}. */
  readonly mode: PlanMode;
  /** The folder that relative paths of helmfiles are below. */
  readonly servicesDir: string;
  /** charlie's own flags. @default everything, in charlie's order */
  readonly selection?: Partial<Selection>;
  /** Only releases of class support. @default false */
  readonly supportOnly?: boolean;
  /** MediaWiki too, after the support releases of its namespace. @default false */
  readonly withMediawiki?: boolean;
}
