import { execFileSync } from "node:child_process";
import fs, { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RolloutEvent } from "../../src/core/rollout/events.ts";
import { openStepLog } from "../../src/io/step-log.ts";
import { step } from "../support/plan.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const started = (id: string): RolloutEvent => ({ type: "step-started", step: step(id), attempt: 1 });
const printed = (id: string, line: string): RolloutEvent => ({ type: "step-printed", step: step(id), line });
const finished = (id: string): RolloutEvent => ({
  ...{ type: "step-finished", step: step(id) },
  outcome: { kind: "succeeded", durationMs: 1 },
});

describe("the log of a step", () => {
  it("is a file of its own, also where the names of two come to the same", async () => {
    const log = openStepLog(temporaryFolder());
    const ids = ["a/b", "a_b", "a:b", "x".repeat(300), `${"x".repeat(300)}y`];
    for (const id of ids) {
      for (const event of [started(id), printed(id, `out of ${id}`), finished(id)]) log.on(event);
    }
    expect(await log.close()).toEqual([]);
    const files = ids.map((id) => log.fileOf(id) ?? "");
    expect(new Set(files).size).toBe(ids.length);
    expect(files.slice(0, 3)).toEqual(
      ["a_b", "a_b-2", "a_b-3"].map((name) => join(log.folder, `${name}.log`)),
    );
    for (const [at, file] of files.entries()) {
      const text = readFileSync(file, "utf8");
      expect(text).toContain(`out of ${ids[at]}\n`);
      expect(text.match(/out of /g)).toHaveLength(1);
    }
    expect(log.fileOf("b")).toBeUndefined();
  });

  it("goes on in the same file when the step is tried again", async () => {
    const log = openStepLog(temporaryFolder());
    for (const event of [started("a"), finished("a"), started("a"), finished("a")]) log.on(event);
    await log.close();
    const text = readFileSync(log.fileOf("a") ?? "", "utf8");
    expect(text.match(/# succeeded/g)).toHaveLength(2);
  });

  it("is not waited for where it is a pipe that nobody reads", async () => {
    const folder = temporaryFolder();
    execFileSync("/bin/sh", ["-c", 'mkfifo "$0"', join(folder, "a.log")]);
    const log = openStepLog(folder);
    for (const event of [started("a"), printed("a", "x"), finished("a")]) log.on(event);
    expect(await log.close()).toEqual([`${folder}/a.log: it is a pipe that nobody reads, or a socket`]);
  });
});

describe("a disk that takes nothing any more", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  const fault = (log: { readonly folder: string }) =>
    `${log.folder}/a.log: it takes nothing any more, and what came last is not in it`;

  it("holds up a step for half a minute, and no longer", async () => {
    const log = openStepLog(temporaryFolder());
    vi.spyOn(fs, "write").mockImplementation(() => {});
    log.on(started("a"));
    log.on(printed("a", "x".repeat(100_000)));
    const held = log.congested();
    expect(held).toBeDefined();
    let isHeld = true;
    void held?.then(() => {
      isHeld = false;
    });
    await vi.advanceTimersByTimeAsync(29_999);
    expect(isHeld).toBe(true);
    await vi.advanceTimersByTimeAsync(1);
    expect(isHeld).toBe(false);
    log.on(printed("a", "y".repeat(100_000)));
    expect(log.congested()).toBeUndefined();
    log.on(finished("a"));
    const closed = log.close();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await closed).toEqual([fault(log)]);
  });

  it("may take the end of a step's log later than that, as long as the rollout goes on", async () => {
    const log = openStepLog(temporaryFolder());
    const write = fs.write;
    const held: (() => void)[] = [];
    vi.spyOn(fs, "write").mockImplementation((...args: unknown[]) => {
      held.push(() => Reflect.apply(write, fs, args));
    });
    log.on(started("a"));
    log.on(printed("a", "first"));
    await vi.waitFor(() => expect(held).toHaveLength(1));
    log.on(printed("a", "why it failed"));
    log.on(finished("a"));
    await vi.advanceTimersByTimeAsync(60_000);
    vi.restoreAllMocks();
    for (const go of held) go();
    const faults = await log.close();
    expect(faults).toEqual([]);
    expect(readFileSync(log.fileOf("a") ?? "", "utf8")).toMatch(/first\nwhy it failed\n# succeeded\n$/);
  });

  it("holds up the end for five seconds", async () => {
    const log = openStepLog(temporaryFolder());
    vi.spyOn(fs, "write").mockImplementation(() => {});
    for (const event of [started("a"), finished("a")]) log.on(event);
    const closed = log.close();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await closed).toEqual([fault(log)]);
  });
});
