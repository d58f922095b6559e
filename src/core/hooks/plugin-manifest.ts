import * as z from "../common/zod.ts";
import { planModes } from "../plan/plan.ts";
import { type HookName, hookApiVersion } from "./hooks.ts";

const name = z
  .string()
  .check(z.regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, "lower-case words and digits, with - between"));
const relativePath = z
  .string()
  .check(z.regex(/^\.\//, "a path that begins with ./ (from the manifest's folder)"));
const hookSettings = z.strictObject({
  /** How long the host waits for an answer, in seconds. @default 30 */
  timeoutSeconds: z.exactOptional(z.number().check(z.positive(), z.maximum(86_400))),
});

/**
 * What a plugin's `plugin.json` says: what it is, where its code is, and what it adds to charlie.
 *
 * - `apiVersion`: the version of the hook contracts that it was written for.
 * - `entry`: the ES module whose default export makes the plugin.
 * - `command`: what hosts that do not run JavaScript start instead of loading `entry`: these words and the name of a hook
 *   behind them; it reads a request on standard input and writes the answer to standard output. A first word that begins
 *   with ./ leads from the manifest's folder, any other is found on PATH.
 * - `registry`: where its registry is unless the operator names another by `--registry`.
 * - `verbs`: rollouts that it adds. `mode` is what its `rollout:plan` is asked for; `oneEnvironment`: it
 *   refuses several; `refusesUnreadable`: nothing is deployed while a selected service cannot be read; `asksBetweenStages`: one question before each stage;
 *   `diffs`: shown and asked about first; `needsWipedCluster`: it begins only on a cluster without pods, or when the
 *   operator types the environment's name.
 * - `flags`: switches that it adds, handed to its hooks by name.
 */
export const manifestSchema = z.strictObject({
  $schema: z.exactOptional(z.string()),
  name: z.string().check(z.minLength(1)),
  version: z.string().check(z.minLength(1)),
  apiVersion: z.literal(hookApiVersion),
  entry: relativePath,
  command: z.exactOptional(z.array(z.string().check(z.minLength(1))).check(z.minLength(1))),
  registry: z.exactOptional(relativePath),
  hooks: z.strictObject({
    "releases:classify": z.exactOptional(hookSettings),
    "rollout:plan": z.exactOptional(hookSettings),
    "stage:before": z.exactOptional(hookSettings),
    "stage:after": z.exactOptional(hookSettings),
    "rollout:preflight": z.exactOptional(hookSettings),
    "tree:check": z.exactOptional(hookSettings),
    "rollout:finish": z.exactOptional(hookSettings),
  } satisfies Record<HookName, z.ZodMiniType>),
  verbs: z.exactOptional(
    z.array(
      z.strictObject({
        name,
        summary: z.string(),
        mode: z.enum(planModes),
        diffs: z.boolean(),
        asksBetweenStages: z.boolean(),
        refusesUnreadable: z.boolean(),
        oneEnvironment: z.boolean(),
        needsWipedCluster: z.exactOptional(z.boolean()),
      }),
    ),
  ),
  flags: z.exactOptional(z.array(z.strictObject({ name, summary: z.string() }))),
});

/** A `plugin.json` that was checked by {@link manifestSchema}. */
export type Manifest = z.infer<typeof manifestSchema>;
/** A rollout that a plugin adds to charlie. */
export type ManifestVerb = NonNullable<Manifest["verbs"]>[number];
