import type { Registry } from "../registry/registry.ts";
import { checkClasses } from "./check-classes.ts";
import { checkCycles } from "./check-cycles.ts";
import { checkDeployed } from "./check-deployed.ts";
import { checkDeployments } from "./check-deployments.ts";
import { checkDns } from "./check-dns.ts";
import { checkEntries } from "./check-entries.ts";
import { type CheckQuestion, gatherFacts } from "./check-facts.ts";
import { checkNeedlessOrder } from "./check-needless-order.ts";
import { checkObjects } from "./check-objects.ts";
import { checkOrder } from "./check-order.ts";
import { checkReading } from "./check-reading.ts";
import { checkServices } from "./check-services.ts";
import { checkSupport } from "./check-support.ts";
import { checkVariables } from "./check-variables.ts";
import { type ChangeableFinding, type Finding, joinFindings } from "./finding.ts";

/**
 * Compares the registry with what the trees list, with what rendered manifests need of one another, and with scap's
 * own list. Pure, and the same whatever the order of the trees is. What was not rendered is not judged.
 *
 * @example
 * const findings = checkRegistry(registry, { trees: [tree], allEnvironments: false });
 * const isClean = findings.every(({ severity }) => severity === "hint");
 */
export function checkRegistry(registry: Registry, question: CheckQuestion): Finding[] {
  return findChangeable(registry, question).map(({ finding }) => finding);
}

/** The same, with what might mend each finding in the registry. */
export function findChangeable(registry: Registry, question: CheckQuestion): ChangeableFinding[] {
  const facts = gatherFacts(registry, question);
  return joinFindings(checks.flatMap((check) => check(facts)));
}

const checks = [
  checkReading,
  checkClasses,
  checkSupport,
  checkEntries,
  checkOrder,
  checkCycles,
  checkNeedlessOrder,
  checkVariables,
  checkObjects,
  checkServices,
  checkDeployments,
  checkDeployed,
  checkDns,
] as const;
