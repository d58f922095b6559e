import { isFilePath } from "../common/file-path.ts";
import { isNamespaceName } from "../common/release.ts";
import { textThat } from "../common/text-schema.ts";
import * as z from "../common/zod.ts";
import { renderedEnvironmentSchema } from "../manifests/rendered-schema.ts";
import { planModes, planSchema } from "../plan/plan.ts";
import { inventorySchema, listedReleaseSchema } from "../tree/inventory-schema.ts";
import { treeSchema } from "../tree/tree-schema.ts";
import { checkNames } from "./hook-request-names.ts";
import { type HookName, type HookRequests, hookApiVersion } from "./hooks.ts";

const version = z.literal(hookApiVersion);
const globs = z.array(z.string());

const selectionSchema = z.strictObject({
  service: globs,
  exclude: globs,
  priority: z.array(z.string()),
  resumeAt: z.exactOptional(z.string()),
});

const flagsSchema = z.record(z.string(), z.boolean());

const outcomeSchema = z.enum(["succeeded", "failed", "blocked", "skipped", "cancelled"]);
const outcomesSchema = z.record(z.string(), outcomeSchema);
const commandsSchema = z.record(z.string(), outcomeSchema);

const pairSchema = z.strictObject({
  namespace: textThat(isNamespaceName, "a namespace is at most 63 lower-case letters, digits and dashes"),
  release: listedReleaseSchema.shape.name,
});

/** A file as it is written. */
const writtenSchema = z.strictObject({ file: z.string(), text: z.string() });

/**
 * What a plugin is asked, by the name of the hook, where the question comes from another program: types
 * alone hold only in process. The output is what the hook gets; a tree may be written as an inventory, too.
 */
export const requestSchemas = {
  "releases:classify": z.strictObject({ version, tree: treeSchema, flags: flagsSchema }),
  "rollout:plan": z.strictObject({
    version,
    tree: treeSchema,
    mode: z.enum(planModes),
    servicesDir: textThat(isFilePath, "a path without control characters that does not begin with a dash"),
    selection: selectionSchema,
    flags: flagsSchema,
  }),
  "stage:before": z
    .strictObject({ version, plan: planSchema, stage: z.string(), outcomes: outcomesSchema })
    .check(checkNames),
  "stage:after": z
    .strictObject({
      version,
      plan: planSchema,
      stage: z.string(),
      gate: z.string(),
      outcomes: outcomesSchema,
      waitedSeconds: z.number().check(z.minimum(0)),
    })
    .check(checkNames),
  "rollout:preflight": z.strictObject({
    version,
    environment: inventorySchema.shape.environment,
    targets: z.exactOptional(z.array(pairSchema)),
    deployments: z.exactOptional(writtenSchema),
    tree: z.exactOptional(treeSchema),
  }),
  "tree:check": z.strictObject({
    version,
    cluster: z.exactOptional(z.boolean()),
    registry: z.exactOptional(writtenSchema),
    trees: z.array(treeSchema),
    allEnvironments: z.boolean(),
    selection: z.exactOptional(z.strictObject({ service: globs, exclude: globs })),
    rendered: z.exactOptional(z.array(renderedEnvironmentSchema)),
    deployments: z.exactOptional(writtenSchema),
  }),
  "rollout:finish": z
    .strictObject({
      version,
      plan: planSchema,
      outcomes: outcomesSchema,
      commands: commandsSchema,
      flags: flagsSchema,
    })
    .check(checkNames),
} as const satisfies { readonly [Name in HookName]: z.ZodMiniType<HookRequests[Name]> };
