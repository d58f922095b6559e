import * as z from "zod";
import { type HookName, hookApiVersion } from "./hooks.ts";
import { planModes } from "./plan.ts";

const name = z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, "lower-case words and digits, with - between");
const relativePath = z.string().regex(/^\.\//, "a path that begins with ./ (from the manifest's folder)");
const hookSettings = z.strictObject({
  /** How long the host waits for an answer, in seconds. @default 30 */
  timeoutSeconds: z.number().positive().max(86_400).exactOptional(),
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
  $schema: z.string().exactOptional(),
  name: z.string().min(1),
  version: z.string().min(1),
  apiVersion: z.literal(hookApiVersion),
  entry: relativePath,
  command: z.array(z.string().min(1)).min(1).exactOptional(),
  registry: relativePath.exactOptional(),
  hooks: z.strictObject({
    "releases:classify": hookSettings.exactOptional(),
    "rollout:plan": hookSettings.exactOptional(),
    "stage:before": hookSettings.exactOptional(),
    "stage:after": hookSettings.exactOptional(),
    "rollout:preflight": hookSettings.exactOptional(),
    "tree:check": hookSettings.exactOptional(),
    "rollout:finish": hookSettings.exactOptional(),
  } satisfies Record<HookName, z.ZodType>),
  verbs: z
    .array(
      z.strictObject({
        name,
        summary: z.string(),
        mode: z.enum(planModes),
        diffs: z.boolean(),
        asksBetweenStages: z.boolean(),
        refusesUnreadable: z.boolean(),
        oneEnvironment: z.boolean(),
        needsWipedCluster: z.boolean().exactOptional(),
      }),
    )
    .exactOptional(),
  flags: z.array(z.strictObject({ name, summary: z.string() })).exactOptional(),
});

/** A `plugin.json` that was checked by {@link manifestSchema}. */
export type Manifest = z.infer<typeof manifestSchema>;
/** A rollout that a plugin adds to charlie. */
export type ManifestVerb = NonNullable<Manifest["verbs"]>[number];
