import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Gate, Plan } from "../../src/core/plan/plan.ts";
import type { BackendResult, Mending } from "../../src/core/rollout/backend.ts";
import type { RolloutEvent } from "../../src/core/rollout/events.ts";
import { execute } from "../../src/io/execute.ts";
import type { ExecuteOptions } from "../../src/io/execute-options.ts";
import { exitOne, ObedientBackend } from "../support/obedient-backend.ts";
import { plan, step } from "../support/plan.ts";

function start(what: Plan, options: Partial<ExecuteOptions> = {}) {
  const backend = new ObedientBackend();
  const events: RolloutEvent[] = [];
  const finished = execute(what, { backend, jobs: 10, on: (event) => events.push(event), ...options });
  return { backend, events, finished };
}

async function outcomesOf(finished: ReturnType<typeof execute>) {
  const { outcomes, commands } = await finished;
  return Object.fromEntries([...outcomes, ...commands].map(([id, { kind }]) => [id, kind]));
}

describe("the order", () => {
  // a ─┬─ b ── d
  //    └─ c      e
  const diamond = plan([step("a"), step("b", ["a"]), step("c", ["a"]), step("d", ["b"]), step("e")]);

  it("lets a step run as soon as what it waits for succeeded, and not for a whole layer", async () => {
    const { backend, finished } = start(diamond);
    await backend.runs("a", "e");
    backend.succeed("a");
    await backend.runs("b", "c", "e");
    backend.succeed("b");
    // c and e still hang: d does not wait for them.
    await backend.runs("c", "d", "e");
    for (const id of ["c", "d", "e"]) backend.succeed(id);
    expect(await outcomesOf(finished)).toEqual({
      a: "succeeded",
      b: "succeeded",
      c: "succeeded",
      d: "succeeded",
      e: "succeeded",
    });
  });

  it("never runs more steps at once than it may, and takes them in the plan's order", async () => {
    const { backend, finished } = start(plan(["a", "b", "c", "d"].map((id) => step(id))), { jobs: 2 });
    await backend.runs("a", "b");
    backend.succeed("b");
    await backend.runs("a", "c");
    backend.succeed("a");
    await backend.runs("c", "d");
    backend.succeed("c");
    backend.succeed("d");
    await finished;
    expect(backend.begun).toEqual(["a", "b", "c", "d"]);
  });

  it("lets a free worker take the next stage's work when nobody is asked between stages", async () => {
    const { backend, finished } = start(plan([step("a"), step("z", [], { stage: "later" })]));
    await backend.runs("a", "z");
    backend.succeed("a");
    backend.succeed("z");
    await finished;
  });
});

describe("a failure", () => {
  it("blocks what waits for it, names the first cause, and lets everything else go on", async () => {
    const { backend, finished } = start(plan([step("a"), step("b", ["a"]), step("c", ["b"]), step("d")]));
    await backend.runs("a", "d");
    backend.fail("a");
    backend.succeed("d");
    const { outcomes } = await finished;
    expect(outcomes.get("a")).toEqual({ kind: "failed", durationMs: 0, failure: exitOne });
    expect(outcomes.get("c")).toEqual({ kind: "blocked", on: ["a"], reason: "a failed" });
    expect(outcomes.get("d")?.kind).toBe("succeeded");
    expect(backend.begun).toEqual(["a", "d"]);
  });

  it("is tried again when the operator says so", async () => {
    const { backend, finished } = start(plan([step("a"), step("b", ["a"])]), {
      decide: { stepFailed: async () => (backend.begun.length < 2 ? "retry" : "next") },
    });
    await backend.runs("a");
    backend.fail("a");
    await backend.runs("a");
    backend.succeed("a");
    await backend.runs("b");
    backend.succeed("b");
    expect(await outcomesOf(finished)).toEqual({ a: "succeeded", b: "succeeded" });
  });

  it("ends the taking of steps when the operator quits, and waits for what runs", async () => {
    const { backend, finished } = start(plan([step("a"), step("b"), step("c", ["b"])]), {
      decide: { stepFailed: async () => "quit" },
    });
    await backend.runs("a", "b");
    backend.fail("a");
    await backend.runs("b");
    backend.succeed("b");
    expect(await outcomesOf(finished)).toEqual({ a: "failed", b: "succeeded", c: "cancelled" });
    expect((await finished).stopped).toBe("stopped by the operator");
  });
});

describe("while the operator is asked about a failure", () => {
  /** Answers when the test says so; one resolver a question, by the step's id. */
  function slowOperator() {
    const answers = new Map<string, (answer: "retry" | "next" | "quit") => void>();
    const stepFailed = ({ id }: { id: string }, _: unknown, signal: AbortSignal) =>
      new Promise<"retry" | "next" | "quit">((resolve) => {
        answers.set(id, resolve);
        signal.addEventListener("abort", () => resolve("next"));
      });
    return { answers, stepFailed };
  }

  it("the worker goes on with other steps", async () => {
    const { answers, stepFailed } = slowOperator();
    const { backend, finished } = start(plan([step("a"), step("b")]), { jobs: 1, decide: { stepFailed } });
    await backend.runs("a");
    backend.fail("a");
    await backend.runs("b");
    backend.succeed("b");
    answers.get("a")?.("retry");
    await backend.runs("a");
    backend.succeed("a");
    expect(await outcomesOf(finished)).toEqual({ a: "succeeded", b: "succeeded" });
  });

  it("quitting answers every other question too: nothing is tried again", async () => {
    const { answers, stepFailed } = slowOperator();
    const { backend, finished } = start(plan([step("a"), step("b"), step("c")]), { decide: { stepFailed } });
    await backend.runs("a", "b", "c");
    backend.fail("a");
    backend.fail("b");
    await backend.runs("c");
    answers.get("a")?.("quit");
    answers.get("b")?.("retry");
    backend.succeed("c");
    expect(await outcomesOf(finished)).toEqual({ a: "failed", b: "failed", c: "succeeded" });
    expect(backend.begun).toEqual(["a", "b", "c"]);
  });
});

describe("a bug of who is told or asked", () => {
  it("is thrown only when nothing runs any more", async () => {
    const backend = new ObedientBackend();
    const finished = execute(plan([step("a"), step("b"), step("c", ["a"])]), {
      backend,
      jobs: 2,
      on: ({ type }) => {
        if (type === "step-finished") throw new Error("no paper in the printer");
      },
    });
    const thrown = finished.catch((error: unknown) => String(error));
    await backend.runs("a", "b");
    backend.succeed("a");
    expect(backend.running).toEqual(["b"]);
    backend.succeed("b");
    expect(await thrown).toBe("Error: no paper in the printer");
    expect(backend.begun).toEqual(["a", "b"]);
  });
});

it("a throw of the backend is told as the bug that it is: the step may have been started", async () => {
  const events: RolloutEvent[] = [];
  const backend = {
    ...{ now: () => 0, sleep: async () => {}, runCommand: async () => ({ ok: true }) as const },
    run: async () => {
      throw new Error("no such backend");
    },
  };
  const finished = execute(plan([step("a")]), { jobs: 1, backend, on: (event) => events.push(event) });
  await expect(finished).rejects.toThrow("no such backend");
  expect(events.find(({ type }) => type === "step-finished")).toMatchObject({
    outcome: { failure: { kind: "other", message: "a bug in this program: Error: no such backend" } },
  });
});

it.each(["the backend", "who is asked"])(
  "a throw of %s ends the rollout, and does not hang it",
  async (who) => {
    const finished = execute(plan([step("a"), step("b", ["a"])]), {
      jobs: 1,
      backend: {
        now: () => 0,
        sleep: async () => {},
        runCommand: async () => ({ ok: true }),
        run: async () => {
          if (who === "the backend") throw new Error("no such backend");
          return { ok: false, failure: exitOne };
        },
      },
      decide: {
        stepFailed: async () => {
          throw new Error("nobody there");
        },
      },
    });
    await expect(finished).rejects.toThrow(who === "the backend" ? "no such backend" : "nobody there");
  },
);

describe("a gate", () => {
  const gate: Gate = { id: "daemonsets", stage: "daemonsets", steps: ["a"] };
  const gated = plan(
    [step("a", [], { stage: "daemonsets" }), step("b", ["a"], { gates: ["daemonsets"] }), step("c", ["b"])],
    { gates: [gate] },
  );

  it("opens when its steps succeeded", async () => {
    const { backend, events, finished } = start(gated);
    await backend.runs("a");
    backend.succeed("a");
    await backend.runs("b");
    backend.succeed("b");
    await backend.runs("c");
    backend.succeed("c");
    await finished;
    expect(events.filter(({ type }) => type === "gate-opened")).toHaveLength(1);
  });

  it("blocks what it holds when it stays shut, and says why", async () => {
    const { backend, finished } = start(gated);
    await backend.runs("a");
    backend.fail("a");
    const { outcomes } = await finished;
    expect(outcomes.get("c")).toEqual({
      kind: "blocked",
      on: ["a"],
      reason: "the gate of daemonsets stayed shut: a failed",
    });
  });

  it("that is skipped lets go what it holds, though only when its steps have ended", async () => {
    const { backend, finished } = start(gated, { skipGates: new Set(["daemonsets"]) });
    await backend.runs("a");
    backend.fail("a");
    await backend.runs("b");
    backend.succeed("b");
    await backend.runs("c");
    backend.succeed("c");
    expect(await outcomesOf(finished)).toEqual({ a: "failed", b: "succeeded", c: "succeeded" });
  });

  it("is opened by the operator, who is asked once", async () => {
    const asked: string[] = [];
    const gateShut = async ({ id }: Gate, reason: string) => {
      asked.push(`${id}: ${reason}`);
      return "open" as const;
    };
    const { backend, finished } = start(gated, { decide: { gateShut } });
    await backend.runs("a");
    backend.fail("a");
    await backend.runs("b");
    backend.fail("b");
    expect(await outcomesOf(finished)).toEqual({ a: "failed", b: "failed", c: "blocked" });
    expect(asked).toEqual(["daemonsets: a failed"]);
  });

  it("gets its steps tried again when the operator says so, with all that was blocked by them", async () => {
    const both = plan(
      [
        step("a", [], { stage: "daemonsets" }),
        step("a2", ["a"], { stage: "daemonsets" }),
        step("b", ["a", "a2"], { gates: ["daemonsets"] }),
      ],
      { gates: [{ ...gate, steps: ["a", "a2"] }] },
    );
    const { backend, finished } = start(both, { decide: { gateShut: async () => "retry" } });
    await backend.runs("a");
    backend.fail("a");
    await backend.runs("a");
    backend.succeed("a");
    await backend.runs("a2");
    backend.succeed("a2");
    await backend.runs("b");
    backend.succeed("b");
    expect(await outcomesOf(finished)).toEqual({ a: "succeeded", a2: "succeeded", b: "succeeded" });
  });

  it("tries again what its steps were blocked by, though that is no step of the gate", async () => {
    const chain = plan(
      [
        step("config"),
        step("a", ["config"], { stage: "daemonsets" }),
        step("b", ["a"], { gates: ["daemonsets"] }),
      ],
      { gates: [gate] },
    );
    const { backend, finished } = start(chain, { decide: { gateShut: async () => "retry" } });
    await backend.runs("config");
    backend.fail("config");
    await backend.runs("config");
    backend.succeed("config");
    await backend.runs("a");
    backend.succeed("a");
    await backend.runs("b");
    backend.succeed("b");
    expect(await outcomesOf(finished)).toEqual({ config: "succeeded", a: "succeeded", b: "succeeded" });
  });

  it("shares a step with another gate: both are tried again, and neither stays shut for it", async () => {
    const gates = [
      { id: "one", stage: "daemonsets", steps: ["a"] },
      { id: "two", stage: "daemonsets", steps: ["a"] },
    ];
    const shared = plan(
      [
        step("a", [], { stage: "daemonsets" }),
        step("b", ["a"], { gates: ["one"] }),
        step("c", ["a"], { gates: ["two"] }),
      ],
      { gates },
    );
    const { backend, finished } = start(shared, { decide: { gateShut: async () => "retry" } });
    await backend.runs("a");
    backend.fail("a");
    await backend.runs("a");
    backend.succeed("a");
    await backend.runs("b", "c");
    backend.succeed("b");
    backend.succeed("c");
    expect(await outcomesOf(finished)).toEqual({ a: "succeeded", b: "succeeded", c: "succeeded" });
  });

  it("does not try again what the plugin refused", async () => {
    const { backend, finished } = start(gated, {
      decide: {
        stageBefore: async ({ name }) =>
          name === "daemonsets" ? { proceed: false, reason: "not ready" } : { proceed: true },
        gateShut: async () => "retry",
      },
    });
    expect(await outcomesOf(finished)).toEqual({ a: "blocked", b: "blocked", c: "blocked" });
    expect(backend.begun).toEqual([]);
  });

  it("that only has to be looked at again is looked at again", async () => {
    let looks = 0;
    const { backend, finished } = start(gated, {
      decide: {
        gate: async () => {
          looks += 1;
          return { open: looks > 1, reason: `look ${looks}` };
        },
        gateShut: async () => "retry",
      },
    });
    await backend.runs("a");
    backend.succeed("a");
    await backend.runs("b");
    backend.succeed("b");
    await backend.runs("c");
    backend.succeed("c");
    expect(await outcomesOf(finished)).toEqual({ a: "succeeded", b: "succeeded", c: "succeeded" });
  });

  it("that may open yet is looked at again after the time it says, and tells each new reason once", async () => {
    const events: string[] = [];
    const waited: number[] = [];
    const { backend, finished } = start(gated, {
      on: (event) => {
        if (event.type.startsWith("gate-") && "reason" in event)
          events.push(`${event.type}: ${event.reason}`);
      },
      decide: {
        gate: async (_, { waitedMs }) => {
          waited.push(waitedMs);
          if (waitedMs >= 6000) return { open: true, reason: "all there" };
          return { open: false, reason: waitedMs < 4000 ? "nothing there" : "half there", againInMs: 2000 };
        },
      },
    });
    await backend.runs("a");
    backend.succeed("a");
    await backend.runs("b");
    backend.succeed("b");
    await backend.runs("c");
    backend.succeed("c");
    expect(await outcomesOf(finished)).toEqual({ a: "succeeded", b: "succeeded", c: "succeeded" });
    expect(waited).toEqual([0, 2000, 4000, 6000]);
    expect(events).toEqual([
      "gate-waiting: nothing there",
      "gate-waiting: half there",
      "gate-opened: all there",
    ]);
  });

  it("is not waited for any more when the rollout is interrupted", async () => {
    const controller = new AbortController();
    const { backend, finished } = start(gated, {
      signal: controller.signal,
      on: ({ type }) => {
        if (type === "gate-waiting") controller.abort();
      },
      decide: { gate: async () => ({ open: false, reason: "nothing there", againInMs: 1000 }) },
    });
    await backend.runs("a");
    backend.succeed("a");
    expect(await outcomesOf(finished)).toEqual({ a: "succeeded", b: "cancelled", c: "cancelled" });
  });

  it("is judged by the plugin, which may keep it shut though every step succeeded", async () => {
    const { backend, finished } = start(gated, {
      decide: { gate: async () => ({ open: false, reason: "no node is ready" }) },
    });
    await backend.runs("a");
    backend.succeed("a");
    const { outcomes } = await finished;
    expect(outcomes.get("b")).toEqual({
      kind: "blocked",
      on: [],
      reason: "the gate of daemonsets stayed shut: no node is ready",
    });
  });
});

describe("what was done before", () => {
  const done = { kind: "skipped", reason: "done in north-1" } as const;

  it.each([
    [
      "cancelled, as the rollout was interrupted",
      { a: "cancelled", b: "skipped", c: "skipped", d: "cancelled" },
    ],
    ["blocked, as something before it failed", { a: "failed", b: "skipped", c: "skipped", d: "blocked" }],
  ])("is not %s: it is there", async (what, expected) => {
    const controller = new AbortController();
    // a ── b ── d     c
    const { backend, events, finished } = start(
      plan([step("a"), step("b", ["a"]), step("c"), step("d", ["b"])]),
      {
        jobs: 1,
        settled: new Map([
          ["b", done],
          ["c", done],
        ]),
        signal: controller.signal,
      },
    );
    await backend.runs("a");
    if (what.startsWith("cancelled")) controller.abort();
    backend.fail("a");
    expect(await outcomesOf(finished)).toEqual(expected);
    expect(backend.begun).toEqual(["a"]);
    const told = events.flatMap((event) =>
      event.type === "step-finished" ? [[event.step.id, event.outcome.kind]] : [],
    );
    expect(Object.fromEntries(told)).toEqual(expected);
  });

  it.each([
    [["a", "b"], "a failed"],
    [["b"], "b needs what is missing: a failed"],
  ])(
    "does not open the gate of %j while what it needs is missing, and is not what is missing",
    async (steps, reason) => {
      const { finished, backend } = start(
        plan([step("a"), step("b", ["a"]), step("c", [], { gates: ["support"] })], {
          gates: [{ id: "support", stage: "rest", steps }],
        }),
        { settled: new Map([["b", done]]) },
      );
      await backend.runs("a");
      backend.fail("a");
      expect(await outcomesOf(finished)).toEqual({ a: "failed", b: "skipped", c: "blocked" });
      const { gates, outcomes } = await finished;
      expect(gates?.get("support")).toEqual({ isOpen: false, reason });
      expect(outcomes.get("c")).toMatchObject({ on: ["a"] });
    },
  );

  it("runs no more when a gate has what it needs tried again, and what waits for it goes on then", async () => {
    const { backend, finished } = start(
      plan([step("a"), step("b", ["a"]), step("c", ["b"]), step("d", [], { gates: ["support"] })], {
        gates: [{ id: "support", stage: "rest", steps: ["b"] }],
      }),
      { settled: new Map([["b", done]]), decide: { gateShut: async () => "retry" } },
    );
    await backend.runs("a");
    backend.fail("a");
    await backend.runs("a");
    expect(backend.begun).toEqual(["a", "a"]);
    backend.succeed("a");
    for (const id of ["c", "d"]) {
      await backend.runs(id);
      backend.succeed(id);
    }
    expect(await outcomesOf(finished)).toEqual({
      a: "succeeded",
      b: "skipped",
      c: "succeeded",
      d: "succeeded",
    });
    expect(backend.begun.toSorted()).toEqual(["a", "a", "c", "d"]);
  });
});

describe("stages", () => {
  const two = plan([step("a", [], { stage: "first" }), step("b", [], { stage: "second" })]);

  it("run one after the other when the operator is asked between them", async () => {
    const asked: string[] = [];
    const { backend, finished } = start(two, {
      decide: {
        nextStage: async ({ name }) => {
          asked.push(name);
          return "go";
        },
      },
    });
    await backend.runs("a");
    backend.succeed("a");
    await backend.runs("b");
    expect(asked).toEqual(["second"]);
    backend.succeed("b");
    await finished;
  });

  it("of which nothing is left to do are not asked about, and the question knows what is left", async () => {
    const stages = ["first", "second", "third", "fourth"];
    const four = plan(
      stages.flatMap((stage) => ["a", "b"].map((id) => step(`${stage}-${id}`, [], { stage }))),
    );
    const done = ["first-a", "first-b", "second-b", "third-a", "third-b", "fourth-b"];
    const asked: [string, readonly string[]][] = [];
    const { backend, finished } = start(four, {
      settled: new Map(done.map((id) => [id, { kind: "skipped", reason: "done in north-1" }])),
      decide: {
        nextStage: async ({ name }, left) => {
          asked.push([name, left]);
          return "go";
        },
      },
    });
    await backend.runs("second-a");
    // That it is to begin has been answered.
    expect(asked).toEqual([]);
    backend.succeed("second-a");
    await backend.runs("fourth-a");
    expect(asked).toEqual([["fourth", ["fourth-a"]]]);
    backend.succeed("fourth-a");
    await finished;
  });

  it("do not begin after the operator stopped", async () => {
    const { backend, finished } = start(two, { decide: { nextStage: async () => "quit" } });
    await backend.runs("a");
    backend.succeed("a");
    expect(await outcomesOf(finished)).toEqual({ a: "succeeded", b: "cancelled" });
  });

  it("are blocked with the plugin's reason when it refuses them", async () => {
    const { backend, finished } = start(two, {
      decide: {
        stageBefore: async ({ name }) =>
          name === "second" ? { proceed: false, reason: "not on a Friday" } : { proceed: true },
      },
    });
    await backend.runs("a");
    backend.succeed("a");
    const { outcomes } = await finished;
    expect(outcomes.get("b")).toEqual({ kind: "blocked", on: [], reason: "not on a Friday" });
  });

  it("that wait backwards for a later stage do not hang the question between them", async () => {
    const crossed = plan(
      [step("late", [], { stage: "second" }), step("early", ["late"], { stage: "first" })],
      {
        stages: [
          { name: "first", gate: "none" },
          { name: "second", gate: "none" },
        ],
      },
    );
    const { backend, finished } = start(crossed, { decide: { nextStage: async () => "go" } });
    await backend.runs("late");
    backend.succeed("late");
    await backend.runs("early");
    backend.succeed("early");
    expect(await outcomesOf(finished)).toEqual({ late: "succeeded", early: "succeeded" });
  });
});

describe("a stage's own command", () => {
  const handOff = plan([step("prometheus", [], { stage: "support" }), step("toolhub")], {
    gates: [{ id: "support", stage: "support", steps: ["prometheus"] }],
    stages: [
      { name: "support", gate: "wait" },
      { name: "rest", gate: "none" },
      { name: "mediawiki", gate: "none", run: ["scap", "sync-world"], runAfter: ["support"] },
    ],
  });

  it("runs at the end, when every step has ended", async () => {
    const { backend, finished } = start(handOff);
    await backend.runs("prometheus", "toolhub");
    backend.succeed("prometheus");
    await backend.runs("toolhub");
    backend.fail("toolhub");
    await backend.runs("scap sync-world");
    backend.succeed("scap sync-world");
    expect(await outcomesOf(finished)).toEqual({
      prometheus: "succeeded",
      toolhub: "failed",
      mediawiki: "succeeded",
    });
  });

  it("is blocked where what it waits for did not succeed, and names it", async () => {
    const { backend, finished } = start(handOff);
    await backend.runs("prometheus", "toolhub");
    backend.fail("prometheus");
    backend.succeed("toolhub");
    const { commands } = await finished;
    expect(commands.get("mediawiki")).toEqual({
      kind: "blocked",
      on: ["prometheus"],
      reason: "the gate of support stayed shut: prometheus failed",
    });
  });

  it.each([
    ["the plugin refuses it", {}, "blocked"],
    ["--skip-gate names its stage", { skipGates: new Set(["mediawiki"]) }, "succeeded"],
    ["the operator wants it all the same", { commandRefused: "go" }, "succeeded"],
    ["the operator leaves it", { commandRefused: "skip" }, "blocked"],
    ["it may begin at the second look", { commandRefused: "retry" }, "succeeded"],
  ] as const)(
    "when %s",
    async (_, options: {
      skipGates?: ReadonlySet<string>;
      commandRefused?: "go" | "skip" | "retry";
    }, ended) => {
      let looks = 0;
      const { commandRefused, ...rest } = options;
      const { backend, finished } = start(handOff, {
        ...rest,
        decide: {
          stageBefore: async ({ run }) => {
            if (run) looks += 1;
            return run && looks < 2 ? { proceed: false, reason: "shop has no Service" } : { proceed: true };
          },
          ...(commandRefused ? { commandRefused: async () => commandRefused } : {}),
        },
      });
      await backend.runs("prometheus", "toolhub");
      backend.succeed("prometheus");
      backend.succeed("toolhub");
      if (ended === "succeeded") {
        await backend.runs("scap sync-world");
        backend.succeed("scap sync-world");
      }
      const { commands } = await finished;
      expect(commands.get("mediawiki")).toMatchObject(
        ended === "blocked" ? { kind: ended, on: [], reason: "shop has no Service" } : { kind: ended },
      );
    },
  );

  it("is left to the operator who says so", async () => {
    const { backend, finished } = start(handOff, { decide: { command: async () => "skip" } });
    await backend.runs("prometheus", "toolhub");
    backend.succeed("prometheus");
    backend.succeed("toolhub");
    expect((await outcomesOf(finished)).mediawiki).toBe("skipped");
  });

  it("is cancelled, and not skipped, when the operator interrupts the question", async () => {
    const controller = new AbortController();
    const { backend, finished } = start(handOff, {
      signal: controller.signal,
      decide: {
        command: async () => {
          controller.abort();
          return "skip";
        },
      },
    });
    await backend.runs("prometheus", "toolhub");
    backend.succeed("prometheus");
    backend.succeed("toolhub");
    expect((await finished).commands.get("mediawiki")).toEqual({ kind: "cancelled", reason: "interrupted" });
  });

  it("fails with its exit code", async () => {
    const { backend, finished } = start(handOff);
    await backend.runs("prometheus", "toolhub");
    backend.succeed("prometheus");
    backend.succeed("toolhub");
    await backend.runs("scap sync-world");
    backend.fail("scap sync-world");
    expect((await finished).commands.get("mediawiki")).toMatchObject({
      kind: "failed",
      failure: { exitCode: 1 },
    });
  });
});

describe("an interruption", () => {
  it("takes no new steps, waits for what runs, and cancels the rest", async () => {
    const controller = new AbortController();
    const { backend, finished } = start(plan([step("a"), step("b", ["a"]), step("c")]), {
      jobs: 1,
      signal: controller.signal,
    });
    await backend.runs("a");
    controller.abort();
    backend.fail("a", { kind: "signal", signal: "SIGINT", lastLines: [] });
    expect(await outcomesOf(finished)).toEqual({ a: "cancelled", b: "cancelled", c: "cancelled" });
    expect(backend.begun).toEqual(["a"]);
  });

  it("of what never came to begin is told as that, and not as one while it ran", async () => {
    const reasonOf = async (result: BackendResult, mending?: Mending) => {
      const controller = new AbortController();
      const backend = new ObedientBackend();
      backend.run = async (_, context) => {
        if (mending) context.mending?.(mending);
        controller.abort();
        return result;
      };
      const { outcomes } = await execute(plan([step("a")]), {
        ...{ backend, jobs: 1, signal: controller.signal, on: () => {} },
      });
      return outcomes.get("a");
    };
    const failure = { kind: "exit", exitCode: 1, lastLines: [] } as const;
    const cancelled = (reason: string) => ({ kind: "cancelled", reason });
    expect(await reasonOf({ ok: false, blocked: "x" })).toEqual(cancelled("interrupted"));
    expect(await reasonOf({ ok: false, failure: { kind: "spawn", message: "x" } })).toEqual(
      cancelled("interrupted"),
    );
    expect(await reasonOf({ ok: false, failure })).toEqual(cancelled("interrupted while it ran"));
    const mending = { release: "n/a", status: "pending-install", command: ["helm", "uninstall"] };
    expect(await reasonOf({ ok: false, blocked: "x" }, mending)).toEqual(
      cancelled("interrupted while it ran"),
    );
  });

  it("that comes before the next try can begin does not hide why there was one before it", async () => {
    const controller = new AbortController();
    const backend = new ObedientBackend();
    const failure = { kind: "exit", exitCode: 1, lastLines: [] } as const;
    let tries = 0;
    backend.run = async () => {
      tries += 1;
      if (tries === 1) return { ok: false, failure };
      controller.abort();
      return { ok: false, blocked: "x" };
    };
    const { outcomes } = await execute(plan([step("a")]), {
      ...{ backend, jobs: 1, signal: controller.signal, on: () => {} },
      retry: () => ({ reason: "the connection was refused", afterMs: 1 }),
    });
    expect(tries).toBe(2);
    expect(outcomes.get("a")).toMatchObject({ kind: "failed", failure });
  });

  it("before the start runs nothing", async () => {
    const { backend, finished } = start(plan([step("a")]), { signal: AbortSignal.abort() });
    expect(await outcomesOf(finished)).toEqual({ a: "cancelled" });
    expect(backend.begun).toEqual([]);
  });
});

it("does not run a step whose end is known, and goes on behind one that had nothing to do", async () => {
  const { backend, finished } = start(plan([step("a"), step("b", ["a"])]), {
    settled: new Map([["a", { kind: "skipped", reason: "no change" }]]),
  });
  await backend.runs("b");
  backend.succeed("b");
  expect(await outcomesOf(finished)).toEqual({ a: "skipped", b: "succeeded" });
});

it("an empty plan ends at once", async () => {
  expect((await execute(plan([]), { backend: new ObedientBackend(), jobs: 1 })).outcomes.size).toBe(0);
});

it("whatever the graph and whatever fails, dependants of a failure are blocked, all else runs, within the limit", async () => {
  const graphs = fc.integer({ min: 1, max: 15 }).chain((size) =>
    fc.record({
      jobs: fc.integer({ min: 1, max: 4 }),
      links: fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: 25 }),
      failing: fc.array(fc.nat(size - 1), { maxLength: 3 }),
      size: fc.constant(size),
    }),
  );
  await fc.assert(
    fc.asyncProperty(graphs, async ({ size, links, failing, jobs }) => {
      const after = new Map<number, Set<number>>();
      for (const [one, other] of links) {
        if (one === other) continue;
        const [from, to] = [Math.min(one, other), Math.max(one, other)];
        after.set(to, (after.get(to) ?? new Set()).add(from));
      }
      const steps = [...Array(size).keys()].map((at) =>
        step(
          `s${at}`,
          [...(after.get(at) ?? [])].map((from) => `s${from}`),
        ),
      );
      let running = 0;
      let most = 0;
      const ended = new Set<string>();
      const result = await execute(plan(steps), {
        jobs,
        backend: {
          now: () => 0,
          sleep: async () => {},
          runCommand: async () => ({ ok: true }),
          run: async ({ id, after: waited }) => {
            running += 1;
            most = Math.max(most, running);
            expect(waited.every((before) => ended.has(before))).toBe(true);
            await Promise.resolve();
            running -= 1;
            if (failing.includes(Number(id.slice(1)))) return { ok: false, failure: exitOne };
            ended.add(id);
            return { ok: true };
          },
        },
      });
      expect(most).toBeLessThanOrEqual(jobs);
      for (const { id, after: waited } of steps) {
        const stands = waited.every((before) => result.outcomes.get(before)?.kind === "succeeded");
        const fails = failing.includes(Number(id.slice(1)));
        expect(result.outcomes.get(id)?.kind).toBe(stands ? (fails ? "failed" : "succeeded") : "blocked");
      }
    }),
  );
});
