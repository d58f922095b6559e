import { clusterFailureKinds } from "../cluster/cluster-failure.ts";
import * as z from "../common/zod.ts";

/** What stands in the way comes first. */
export const preflightSeverities = ["error", "warning", "info"] as const;

const findingSchema = z.strictObject({
  code: z.string().check(z.minLength(1)),
  severity: z.enum(preflightSeverities),
  /** What it is about, for example `release mw-web/prometheus` or `service mw-web/statsd-exporter-prometheus`. */
  subject: z.string(),
  message: z.string(),
  /** What to do about it, mostly a command; empty where there is nothing to do. */
  remedy: z.string(),
});

const targetSchema = z.strictObject({
  namespace: z.string(),
  release: z.string(),
  /** Whether helm has a release of that name deployed or tried; null where that could not be found out. */
  exists: z.nullable(z.boolean()),
  /** No finding is an error, and everything could be checked. */
  ready: z.boolean(),
  findings: z.array(findingSchema),
});

/** What a preflight answers: public, versioned. */
export const preflightReportSchema = z.strictObject({
  version: z.literal(1),
  environment: z.string(),
  /** All targets are, and nothing was left unchecked. */
  ready: z.boolean(),
  targets: z.array(targetSchema),
  couldNotCheck: z.array(
    z.strictObject({
      namespace: z.string(),
      /** What was to be looked at, for example `Services`. */
      subject: z.string(),
      code: z.enum(clusterFailureKinds),
      message: z.string(),
    }),
  ),
});

/**
 * Whether releases of MediaWiki may be deployed, what is missing, and the command that mends it. A finding of severity
 * `error` stands in the way; `warning` and `info` do not.
 */
export type PreflightReport = z.infer<typeof preflightReportSchema>;
/** A release that was asked about, and what was found. */
export type PreflightTarget = PreflightReport["targets"][number];
/** One thing that was found about a release; `docs/json.md` has the codes. */
export type PreflightFinding = PreflightTarget["findings"][number];
