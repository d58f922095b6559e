import { describe, expect, it } from "vitest";
import type { Gate } from "../../src/core/plan/plan.ts";
import type { Backend, BackendResult } from "../../src/core/rollout/backend.ts";
import type { RolloutEvent } from "../../src/core/rollout/events.ts";
import type { StepFailure } from "../../src/core/rollout/outcome.ts";
import { execute } from "../../src/io/execute.ts";
import type { ExecuteOptions } from "../../src/io/execute-options.ts";
import { exitOne, ObedientBackend } from "../support/obedient-backend.ts";
import { plan, step } from "../support/plan.ts";
import { warningsWhile } from "../support/warnings-while.ts";

/** A backend that waits for orders, also where something sleeps. */
class SleepingBackend extends ObedientBackend {
  readonly slept: number[] = [];
  #wake: (() => void)[] = [];

  override sleep: Backend["sleep"] = (ms, signal) => {
    this.slept.push(ms);
    return new Promise((resolve) => {
      this.#wake.push(resolve);
      signal.addEventListener("abort", () => resolve());
    });
  };

  wake(): void {
    for (const resolve of this.#wake.splice(0)) resolve();
  }
}

const passing: StepFailure = { kind: "exit", exitCode: 1, lastLines: ["Error: passing"] };

/** Tries three times what may pass. */
const retry: NonNullable<ExecuteOptions["retry"]> = (failure, tries) =>
  failure === passing && tries < 3 ? { reason: "it may pass", afterMs: 5_000 * tries } : undefined;

function start(what: Parameters<typeof execute>[0], options: Partial<ExecuteOptions> = {}) {
  const backend = new SleepingBackend();
  const events: RolloutEvent[] = [];
  const finished = execute(what, { backend, jobs: 10, retry, on: (event) => events.push(event), ...options });
  return { backend, events, finished };
}

async function kindsOf(finished: ReturnType<typeof execute>) {
  const { outcomes } = await finished;
  return Object.fromEntries([...outcomes].map(([id, { kind }]) => [id, kind]));
}

async function sleeps(backend: SleepingBackend, count: number): Promise<void> {
  await expect.poll(() => backend.slept.length).toBe(count);
}

describe("a step that failed for what passes by itself", () => {
  it("is tried again after a while, each try is told, and what waits for it runs in the end", async () => {
    const { backend, events, finished } = start(plan([step("a"), step("b", ["a"])]));
    for (const tries of [1, 2]) {
      await backend.runs("a");
      backend.fail("a", passing);
      await sleeps(backend, tries);
      backend.wake();
    }
    await backend.runs("a");
    backend.succeed("a");
    await backend.runs("b");
    backend.succeed("b");
    expect(await kindsOf(finished)).toEqual({ a: "succeeded", b: "succeeded" });
    expect(backend.slept).toEqual([5_000, 10_000]);
    const told = events.filter(({ type }) => type === "step-retrying" || type === "step-started");
    expect(told).toMatchObject([
      { type: "step-started", step: { id: "a" }, attempt: 1 },
      { type: "step-retrying", step: { id: "a" }, reason: "it may pass", afterMs: 5_000, failure: passing },
      { type: "step-started", step: { id: "a" }, attempt: 2 },
      { type: "step-retrying", step: { id: "a" }, afterMs: 10_000 },
      { type: "step-started", step: { id: "a" }, attempt: 3 },
      { type: "step-started", step: { id: "b" }, attempt: 1 },
    ]);
  });

  it("takes no worker while it waits", async () => {
    const { backend, finished } = start(plan([step("a"), step("b")]), { jobs: 1 });
    await backend.runs("a");
    backend.fail("a", passing);
    await backend.runs("b");
    backend.wake();
    backend.succeed("b");
    await backend.runs("a");
    backend.succeed("a");
    expect(await kindsOf(finished)).toEqual({ a: "succeeded", b: "succeeded" });
  });

  it("fails when the last try does, and the operator is asked only then, who gets as many tries again", async () => {
    const asked: string[] = [];
    const { backend, finished } = start(plan([step("a"), step("b", ["a"])]), {
      decide: {
        stepFailed: async ({ id }) =>
          asked.push(`${id} after ${backend.begun.length}`) < 2 ? "retry" : "next",
      },
    });
    for (const tries of [1, 2, 3, 4, 5, 6]) {
      await backend.runs("a");
      backend.fail("a", passing);
      if (tries % 3 === 0) continue;
      await sleeps(backend, tries - Math.floor(tries / 3));
      backend.wake();
    }
    expect(await kindsOf(finished)).toEqual({ a: "failed", b: "blocked" });
    expect(asked).toEqual(["a after 3", "a after 6"]);
  });

  it("is not tried again once the rollout stops, and stays failed", async () => {
    const stop = new AbortController();
    const { backend, finished } = start(plan([step("a"), step("b", ["a"])]), { signal: stop.signal });
    await backend.runs("a");
    backend.fail("a", passing);
    await sleeps(backend, 1);
    stop.abort();
    expect(await kindsOf(finished)).toEqual({ a: "failed", b: "cancelled" });
    expect(backend.begun).toEqual(["a"]);
  });

  it("keeps its gate from being judged, and the next stage from being asked about", async () => {
    const gate: Gate = { id: "first", stage: "first", steps: ["a"] };
    const judged: number[] = [];
    const { backend, finished } = start(
      plan([step("a", [], { stage: "first" }), step("b", ["a"], { stage: "later", gates: ["first"] })], {
        gates: [gate],
      }),
      {
        decide: {
          gate: async () => {
            judged.push(backend.begun.length);
            return { open: true, reason: "there" };
          },
          nextStage: async () => {
            judged.push(-backend.begun.length);
            return "go";
          },
        },
      },
    );
    await backend.runs("a");
    backend.fail("a", passing);
    await sleeps(backend, 1);
    expect(judged).toEqual([]);
    backend.wake();
    await backend.runs("a");
    backend.succeed("a");
    await backend.runs("b");
    backend.succeed("b");
    await finished;
    expect(judged).toEqual([2, -2]);
  });
});

it("a step that failed for another reason is not tried again", async () => {
  const { backend, finished } = start(plan([step("a")]));
  await backend.runs("a");
  backend.fail("a", exitOne);
  expect(await kindsOf(finished)).toEqual({ a: "failed" });
  expect(backend.slept).toEqual([]);
});

describe("a step that the backend does not begin", () => {
  const pending: BackendResult = { ok: false, blocked: "shop/main is pending-install" };

  function blocking(results: readonly BackendResult[], options: Partial<ExecuteOptions> = {}) {
    const left = [...results];
    const backend: Backend = {
      run: async () => left.shift() ?? { ok: true },
      runCommand: async () => ({ ok: true }),
      now: () => 0,
      sleep: async () => {},
    };
    return execute(plan([step("a"), step("b", ["a"])]), { backend, jobs: 1, retry, ...options });
  }

  it("is blocked, and says why; so is what waits for it", async () => {
    const { outcomes } = await blocking([pending]);
    expect(outcomes.get("a")).toEqual({ kind: "blocked", on: [], reason: "shop/main is pending-install" });
    expect(outcomes.get("b")).toEqual({ kind: "blocked", on: ["a"], reason: "shop/main is pending-install" });
  });

  it("runs when the operator has mended it and tries again", async () => {
    const { outcomes } = await blocking([pending], { decide: { stepFailed: async () => "retry" } });
    expect([...outcomes.values()].map(({ kind }) => kind)).toEqual(["succeeded", "succeeded"]);
  });

  it("is tried again, before what it blocks, when its gate is", async () => {
    const gate: Gate = { id: "g", stage: "default", steps: ["b"] };
    const left: BackendResult[] = [pending];
    const begun: string[] = [];
    const { outcomes } = await execute(
      plan([step("a"), step("b", ["a"]), step("c", ["b"], { gates: ["g"] })], { gates: [gate] }),
      {
        jobs: 1,
        backend: {
          run: async ({ id }) => {
            begun.push(id);
            return left.shift() ?? { ok: true };
          },
          runCommand: async () => ({ ok: true }),
          now: () => 0,
          sleep: async () => {},
        },
        decide: { gateShut: async () => "retry" },
      },
    );
    expect(begun).toEqual(["a", "a", "b", "c"]);
    expect(outcomes.get("c")?.kind).toBe("succeeded");
  });

  it("after a try that failed, has failed: why it cannot be tried again is told with that", async () => {
    const { outcomes } = await blocking([{ ok: false, failure: passing }, pending]);
    expect(outcomes.get("a")).toEqual({
      kind: "failed",
      durationMs: 0,
      failure: { ...passing, notTriedAgain: "shop/main is pending-install" },
    });
  });
});

it("however many steps wait for their next try, Node warns nobody of a leak", async () => {
  const stop = new AbortController();
  const ids = Array.from({ length: 12 }, (_, at) => `step-${at}`);
  const warnings = await warningsWhile(async () => {
    const { backend, finished } = start(plan(ids.map((id) => step(id))), { jobs: 12, signal: stop.signal });
    await backend.runs(...ids);
    for (const id of ids) backend.fail(id, passing);
    await sleeps(backend, ids.length);
    stop.abort();
    await finished;
  });
  expect(warnings).toEqual([]);
});
