// Loaded together, as in looking-verbs.ts.
export { demo } from "./demo.ts";
export { deploy } from "./deploy.ts";
export { diff } from "./diff.ts";
export { openEventStream } from "./open-events.ts";
