// Writes registry.schema.json from the schema in src/core/registry-schema.ts. It reads dist/: build first.
import { writeFileSync } from "node:fs";
import { registryJsonSchema } from "../dist/core/registry-schema.js";

const target = new URL("../registry.schema.json", import.meta.url);
writeFileSync(target, `${JSON.stringify(registryJsonSchema(), null, 2)}\n`);
