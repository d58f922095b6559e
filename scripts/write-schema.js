// Writes registry.schema.json and schemas/ from the zod schemas in src/core/. It reads dist/: build first.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { hookJsonSchemas } from "../dist/core/hooks/hook-json-schemas.js";
import { registryJsonSchema } from "../dist/core/registry/registry-json-schema.js";

const write = (name, schema) =>
  writeFileSync(new URL(`../${name}`, import.meta.url), `${JSON.stringify(schema, null, 2)}\n`);

write("registry.schema.json", registryJsonSchema());

const folder = new URL("../schemas", import.meta.url);
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
for (const [name, schema] of Object.entries(hookJsonSchemas())) write(`schemas/${name}`, schema);
