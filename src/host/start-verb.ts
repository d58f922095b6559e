// What every verb needs, loaded together when it is clear that one is to run: most of it is libraries, and help does without.
export { loadManifest } from "./plugin-loader.ts";
export { runVerb } from "./run-verb.ts";
export { takeOver } from "./taken-over.ts";
