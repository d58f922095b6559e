// Loaded together, when one of them is asked for: each on its own would cut what all verbs share into many more small files,
// and reading those is most of what `list` and `plan` take to begin.
export { check } from "./check.ts";
export { derive } from "./derive.ts";
export { explain } from "./explain.ts";
export { report } from "./report.ts";
export { runbook } from "./runbook.ts";
export { listRuns } from "./runs.ts";
