import type { Gate, Plan, Step } from "../../src/core/plan/plan.ts";
import type { Backend } from "../../src/core/rollout/backend.ts";
import { virtualClock } from "../../src/simulation/clock.ts";
import { plan, step } from "./plan.ts";
import { journalOfRollout } from "./simulated-run.ts";

/** A plan of so many steps (in fours): in each namespace an exporter, a gate, a canary, the main release; and a service. */
export function largePlan(count: number): Plan {
  const namespaces = Array.from({ length: Math.ceil(count / 4) }, (_, at) => `team-${at}`);
  const gates = namespaces.map(
    (namespace): Gate => ({
      id: `support:${namespace}`,
      stage: "support",
      namespace,
      steps: [`${namespace}/exporter`],
    }),
  );
  const steps = namespaces.flatMap((namespace): Step[] => {
    const named = (name: string, stage: string, after: string[], gate?: Gate) => {
      const id = `${namespace}/${name}`;
      return step(id, after, {
        stage,
        service: namespace,
        releases: [id],
        ...(gate && { gates: [gate.id] }),
      });
    };
    const exporter = `${namespace}/exporter`;
    const gate = gates.find((one) => one.namespace === namespace);
    return [
      named("exporter", "support", []),
      named("service", "rest", []),
      named("canary", "mediawiki", [exporter], gate),
      named("main", "mediawiki", [exporter, `${namespace}/canary`], gate),
    ];
  });
  const inStages = ["support", "rest", "mediawiki"].flatMap((stage) =>
    steps.filter((one) => one.stage === stage),
  );
  const stages = ["support", "rest", "mediawiki"].map((name) => ({
    name,
    gate: name === "support" ? ("wait" as const) : ("none" as const),
  }));
  return plan(inStages, { gates, stages });
}

/** Its journal: some steps fail, some once, and all take their time. */
export function largeJournal(count: number, jobs = 24): Promise<string> {
  const clock = virtualClock();
  let drawn = 1;
  const draw = () => {
    drawn = (drawn * 48_271) % 2_147_483_647;
    return drawn / 2_147_483_647;
  };
  const tried = new Set<string>();
  const backend: Backend = {
    now: () => clock.now(),
    sleep: (ms, signal) => clock.sleep(ms, signal),
    run: async ({ id }) => {
      await clock.sleep(4000 + draw() ** 3 * 90_000);
      const chance = draw();
      if (chance > 0.02 || (chance > 0.01 && tried.has(id))) return { ok: true };
      tried.add(id);
      const cause = chance > 0.01 ? "dial tcp 10.64.0.1:6443: connect: connection refused" : "timed out";
      return {
        ok: false,
        failure: { kind: "exit", exitCode: 1, lastLines: ["Upgrading", `Error: ${cause}`] },
      };
    },
    runCommand: async () => ({ ok: true }),
  };
  return journalOfRollout(largePlan(count), { backend, jobs });
}
