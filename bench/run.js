// Runs all benchmarks, one after the other.
import { check } from "./check.js";
import { derive } from "./derive.js";
import { discovery } from "./discovery.js";
import { runAndPrint } from "./finding.js";
import { makespan } from "./makespan.js";
import { preflight } from "./preflight.js";
import { scale } from "./scale.js";
import { startUp } from "./start-up.js";
import { stepCost } from "./step-cost.js";
import { stepMemory } from "./step-memory.js";
import { watching } from "./watching.js";

await runAndPrint({
  "Start-up": startUp,
  Scale: scale,
  Discovery: discovery,
  Preflight: preflight,
  Watching: watching,
  Makespan: makespan,
  "Cost of a step": stepCost,
  "Memory of steps": stepMemory,
  Derive: derive,
  Check: check,
});
