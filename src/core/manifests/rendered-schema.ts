import * as z from "../common/zod.ts";
import { diagnosticSchema } from "../hooks/hooks.ts";
import { edgeKinds } from "./derived.ts";

const evidenceSchema = z.strictObject({
  kind: z.string(),
  name: z.string(),
  container: z.exactOptional(z.string()),
  release: z.exactOptional(z.string()),
  mention: z.string(),
  file: z.string(),
  line: z.int(),
  text: z.string(),
});

const madeObject = {
  kind: z.enum(["config-map", "secret", "volume-claim", "service-account"]),
  namespace: z.string(),
  name: z.string(),
};

const derivedSchema = z.strictObject({
  edges: z.array(
    z.strictObject({
      from: z.string(),
      to: z.string(),
      kind: z.enum(edgeKinds),
      soft: z.boolean(),
      evidence: z.array(evidenceSchema),
    }),
  ),
  unprovided: z.array(
    z.strictObject({
      release: z.string(),
      variable: z.string(),
      why: z.enum(["no-service", "no-address", "no-port"]),
      evidence: z.array(evidenceSchema),
    }),
  ),
  notMade: z.array(z.strictObject({ release: z.string(), ...madeObject, evidence: z.array(evidenceSchema) })),
  faults: z.array(z.strictObject({ ...diagnosticSchema.shape, release: z.string() })),
});

/** A `RenderedEnvironment` that another program hands over. */
export const renderedEnvironmentSchema = z.strictObject({
  environment: z.string(),
  releases: z.array(
    z.strictObject({
      release: z.string(),
      services: z.array(z.string()),
      objects: z.exactOptional(z.array(z.strictObject(madeObject))),
    }),
  ),
  derived: derivedSchema,
  notRendered: z.array(z.strictObject({ release: z.string(), message: z.string() })),
  faults: z.array(diagnosticSchema),
});
