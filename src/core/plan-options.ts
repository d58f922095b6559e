import type { Selection } from "./hooks.ts";
import type { PlanMode } from "./plan.ts";

export interface PlanOptions {
  readonly mode: PlanMode;
  /** The folder that relative paths of helmfiles are below. */
  readonly servicesDir: string;
  readonly selection?: Partial<Selection>;
  /** Only releases of class support. @default false */
  readonly supportOnly?: boolean;
  /** MediaWiki too, after the support releases of its namespace. @default false */
  readonly withMediawiki?: boolean;
}
