import fc from "fast-check";
import { expect, it } from "vitest";
import type { ReleaseStanding } from "../../src/core/cluster/release-standing.ts";
import { fail, type Result } from "../../src/core/common/result.ts";
import { type JournalContent, parseJournal } from "../../src/core/journal/parse-journal.ts";
import { chainOf } from "../../src/core/journal/run-chain.ts";
import { planResume, releasesInFlight } from "../../src/core/journal/run-resume.ts";
import type { Plan } from "../../src/core/plan/plan.ts";
import type { RolloutEvent } from "../../src/core/rollout/events.ts";
import { execute } from "../../src/io/execute.ts";
import { journalText } from "../core/support/journal-text.ts";
import { plan, step } from "../support/plan.ts";

/** A plan of up to eight steps, in two stages, in which each waits for some of those before it. */
const plans: fc.Arbitrary<Plan> = fc
  .array(fc.record({ after: fc.array(fc.nat(7), { maxLength: 3 }), late: fc.boolean() }), {
    minLength: 1,
    maxLength: 8,
  })
  .map((drawn) => {
    const steps = drawn.map(({ after, late }, at) => {
      const before = [...new Set(after.filter((other) => other < at))].map((other) => `s${other}`);
      return step(`s${at}`, before, { stage: late ? "late" : "early" });
    });
    return plan(steps, {
      stages: [
        { name: "early", gate: "none" },
        { name: "late", gate: "none" },
      ],
    });
  });

/** What a cluster holds while rollouts come and go: releases that are deployed, and how often each was. */
class World {
  readonly deployed = new Map<string, number>();
  readonly begun: string[] = [];

  /** Runs a plan until it ends, with steps that fail, or until it is interrupted; what happened, with what the world held at each moment. */
  async run(
    on: Plan,
    settled: ReturnType<typeof planResume>["settled"],
    {
      failing = [],
      stopAt,
    }: { readonly failing?: readonly number[]; readonly stopAt?: number | undefined } = {},
  ) {
    const stop = new AbortController();
    const fails = new Set(failing.map((number) => `s${number}`));
    const history: { readonly event: RolloutEvent; readonly deployed: ReadonlyMap<string, number> }[] = [];
    const result = await execute(on, {
      jobs: 3,
      settled,
      signal: stop.signal,
      on: (event) => {
        if (history.push({ event, deployed: new Map(this.deployed) }) === stopAt) stop.abort();
      },
      backend: {
        run: async ({ id, releases }) => {
          this.begun.push(id);
          await Promise.resolve();
          if (fails.has(id)) return { ok: false, failure: { kind: "exit", exitCode: 1, lastLines: [] } };
          for (const release of releases) this.deployed.set(release, (this.deployed.get(release) ?? 0) + 1);
          return { ok: true };
        },
        runCommand: async () => ({ ok: true }),
        now: () => 0,
        sleep: async () => undefined,
      },
    });
    return { history, result };
  }
}

const nameOf = (at: number) => `eqiad-20261005T0${at}0000Z-42`;

/** What is on the disk after a kill: whole lines, and the beginning of the next one. */
function cut(text: string, lines: number, more: number): string {
  const all = text.split("\n");
  const kept = all
    .slice(0, lines)
    .map((line) => `${line}\n`)
    .join("");
  return kept + (all[lines] ?? "").slice(0, more);
}

it("whatever fails, is interrupted or killed, whenever: nothing that finished is repeated, and nothing is lost", async () => {
  const kill = fc.record({
    at: fc.nat(1000),
    more: fc.nat(60),
    failing: fc.array(fc.nat(7), { maxLength: 2 }),
    stopAt: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
  });
  await fc.assert(
    fc.asyncProperty(plans, fc.array(kill, { minLength: 1, maxLength: 4 }), async (whole, kills) => {
      const world = new World();
      const journals = new Map<string, string>();
      const load = async (run: string): Promise<Result<JournalContent, never[]>> => {
        const parsed = parseJournal({ file: run, text: journals.get(run) ?? "" });
        return parsed.ok ? parsed : fail([]);
      };
      const finished = new Set<string>();
      const resumed = async (run: number) => {
        if (run === 0) return new Map();
        const chain = await chainOf(nameOf(run - 1), load);
        if (!chain.ok) throw new Error("the chain cannot be read");
        const statuses = new Map(
          releasesInFlight(chain.value, whole).map((release): [string, ReleaseStanding] => {
            const revision = world.deployed.get(release);
            return [release, revision === undefined ? { kind: "absent" } : { kind: "deployed", revision }];
          }),
        );
        return planResume({ plan: whole, state: chain.value, statuses }).settled;
      };
      for (const [run, { at, more, failing, stopAt }] of kills.entries()) {
        const settled = await resumed(run);
        for (const id of finished) expect(settled.has(id)).toBe(true);
        const { history } = await world.run(whole, settled, { failing, stopAt });
        // Killed at some event: what the world held then is what it holds now.
        const killedAt = at % history.length;
        const lived = history.slice(0, killedAt + 1);
        world.deployed.clear();
        for (const [release, revision] of lived.at(-1)?.deployed ?? []) world.deployed.set(release, revision);
        const header = { run: nameOf(run), ...(run > 0 && { resumes: nameOf(run - 1) }) };
        const text = journalText(
          history.map(({ event }) => event),
          { plan: whole, header },
        );
        journals.set(nameOf(run), cut(text, 2 + lived.length, more));
        for (const { event } of lived) {
          if (event.type === "step-started") finished.delete(event.step.id);
          if (event.type === "step-finished" && event.outcome.kind === "succeeded")
            finished.add(event.step.id);
        }
      }
      world.begun.length = 0;
      const { result } = await world.run(whole, await resumed(kills.length));
      for (const id of world.begun) expect(finished).not.toContain(id);
      for (const { id } of whole.steps) {
        expect(["succeeded", "skipped"]).toContain(result.outcomes.get(id)?.kind);
        // Installed exactly once: in the run that finished it, or that was killed before it could say so.
        expect(world.deployed.get(`${id}/main`)).toBe(1);
      }
    }),
    { numRuns: 300 },
  );
});
