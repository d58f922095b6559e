import type { FailureScenario } from "./failure-scenario.ts";
import { apiFailures } from "./failures-of-api.ts";
import { chartFailures } from "./failures-of-charts.ts";
import { connectionFailures } from "./failures-of-connections.ts";
import { contentFailures } from "./failures-of-content.ts";
import { releaseFailures } from "./failures-of-releases.ts";

/** Every failure that is recorded in fixtures/failures. */
export const failureScenarios: readonly FailureScenario[] = [
  ...connectionFailures,
  ...apiFailures,
  ...chartFailures,
  ...contentFailures,
  ...releaseFailures,
];
