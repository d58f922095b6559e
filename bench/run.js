// Runs all benchmarks, one after the other.
import { discovery } from "./discovery.js";
import { runAndPrint } from "./finding.js";
import { scale } from "./scale.js";
import { startUp } from "./start-up.js";

await runAndPrint({ "Start-up": startUp, Scale: scale, Discovery: discovery });
