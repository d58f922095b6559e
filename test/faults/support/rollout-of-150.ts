import type { Gate, Plan, Step } from "../../../src/core/plan/plan.ts";
import { plan, step } from "../../support/plan.ts";

const namespaces = Array.from({ length: 30 }, (_, at) => `mw-${at}`);
const services = Array.from({ length: 20 }, (_, at) => `service-${at}`);

const inStage = (stage: string) => ({ stage, ...(stage === "mediawiki" && { class: "mediawiki" }) });

function release(id: string, after: readonly string[], stage: string, gates?: string[]): Step {
  return step(id, after, { ...inStage(stage), releases: [id], ...(gates && { gates }) });
}

/** An exporter, which a gate waits for, then a canary, then the main release. */
function mediawikiIn(namespace: string): Step[] {
  const [exporter, canary, main] = ["prometheus", "canary", "main"].map((name) => `${namespace}/${name}`);
  if (exporter === undefined || canary === undefined || main === undefined) return [];
  const gate = gateOf(namespace).id;
  return [
    release(exporter, [], "support"),
    release(canary, [exporter], "mediawiki", [gate]),
    release(main, [exporter, canary], "mediawiki", [gate]),
  ];
}

function gateOf(namespace: string): Gate {
  return { id: `support:${namespace}`, stage: "support", namespace, steps: [`${namespace}/prometheus`] };
}

/** A canary, the release, and one that waits for that of another service too. */
function serviceNamed(name: string, at: number): Step[] {
  const [canary, main, late] = ["canary", "main", "late"].map((release) => `${name}/${release}`);
  if (canary === undefined || main === undefined || late === undefined) return [];
  const other = `${services[Math.floor(at / 2)]}/canary`;
  return [
    release(canary, [], "rest"),
    release(main, [canary], "rest"),
    release(late, [...new Set([main, other])], "rest"),
  ];
}

const steps = [...namespaces.flatMap(mediawikiIn), ...services.flatMap(serviceNamed)];

/** 150 steps with sequences, 30 gates, and a command behind them all. */
export const rolloutOf150: Plan = plan(
  // As a plan has them: by stage.
  ["support", "rest", "mediawiki"].flatMap((stage) => steps.filter((one) => one.stage === stage)),
  {
    gates: namespaces.map(gateOf),
    stages: [
      { name: "support", gate: "wait" },
      { name: "rest", gate: "none" },
      { name: "mediawiki", gate: "none" },
      {
        ...{ name: "hand-off", gate: "none", run: ["hand-off", "eqiad"] },
        runAfter: namespaces.map((namespace) => gateOf(namespace).id),
      },
    ],
  },
);

/** Steps that fail when they are tried first. */
export const failsFirst: ReadonlySet<string> = new Set(["mw-7/prometheus", "service-3/main"]);
