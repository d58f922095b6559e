import * as z from "../common/zod.ts";
import { registryFileSchema } from "./registry-schema.ts";

/**
 * The JSON Schema of `registry.yaml`, for editors. It is draft 7, which is what the YAML language server knows best.
 *
 * @throws never; the schema above can be written as JSON Schema, which a test holds
 */
export function registryJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(registryFileSchema, { target: "draft-7", io: "input" });
  return {
    ...schema,
    title: "Registry of charlie-plugin-mediawiki",
    description:
      "Which releases MediaWiki needs first, which are MediaWiki's, and in what order a cluster is restored",
  };
}
