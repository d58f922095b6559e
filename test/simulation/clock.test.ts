import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scaledClock, virtualClock } from "../../src/simulation/clock.ts";

describe("the virtual clock", () => {
  it("wakes sleepers by their time, and those of one moment in the order in which they went to sleep", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 20 }), { maxLength: 40 }), async (durations) => {
        const clock = virtualClock();
        const woken: { index: number; at: number }[] = [];
        await Promise.all(
          durations.map(async (ms, index) => {
            await clock.sleep(ms);
            woken.push({ index, at: clock.now() });
          }),
        );
        const expected = durations
          .map((at, index) => ({ index, at }))
          .sort((one, other) => one.at - other.at || one.index - other.index);
        expect(woken).toEqual(expected);
      }),
    );
  });

  it("lets everything run that can run before time passes", async () => {
    const clock = virtualClock();
    const order: string[] = [];
    const later = clock.sleep(10).then(() => order.push("10 ms later"));
    for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
    order.push("fifty microtasks");
    await new Promise((resolve) => process.nextTick(resolve));
    order.push("the next tick");
    await later;
    expect(order).toEqual(["fifty microtasks", "the next tick", "10 ms later"]);
  });

  it("waits for real work where it is told of it", async () => {
    let finishWork: () => void = () => {};
    const work = new Promise<void>((resolve) => {
      finishWork = resolve;
    });
    const clock = virtualClock({ whenIdle: (callback) => void work.then(callback) });
    let woken = false;
    const sleep = clock.sleep(1).then(() => {
      woken = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 1));
    expect(woken).toBe(false);
    finishWork();
    await sleep;
    expect(clock.now()).toBe(1);
  });

  it("wakes a sleeper at once when its signal aborts, without the time having passed", async () => {
    const clock = virtualClock();
    const controller = new AbortController();
    const sleep = clock.sleep(1000, controller.signal);
    controller.abort();
    await sleep;
    await clock.sleep(2000, controller.signal);
    expect(clock.now()).toBe(0);
  });

  it("does not pass time for what is in the background, but does it in its place", async () => {
    const clock = virtualClock();
    const done: number[] = [];
    clock.background(5, () => done.push(clock.now()));
    clock.background(50, () => done.push(clock.now()));
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect([clock.now(), done]).toEqual([0, []]);
    await clock.sleep(10);
    expect([clock.now(), done]).toEqual([10, [5]]);
  });

  it("does not call what was cancelled, and does not pass time for it", async () => {
    const clock = virtualClock();
    const cancel = clock.after(100, () => expect.unreachable());
    clock.background(50, () => expect.unreachable());
    cancel();
    cancel();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(clock.now()).toBe(0);
    await clock.sleep(10);
    await clock.sleep(1);
    expect(clock.now()).toBe(11);
  });
});

describe("the scaled clock", () => {
  it("lets virtual time pass faster than real time", async () => {
    const clock = scaledClock(1000);
    const began = performance.now();
    await clock.sleep(5000);
    expect(clock.now()).toBeGreaterThanOrEqual(4000);
    // Bounded by what passed on the real clock, however busy the machine is.
    expect(clock.now()).toBeLessThanOrEqual((performance.now() - began + 1000) * 1000);
  });

  it("wakes a sleeper when its signal aborts", async () => {
    const clock = scaledClock(0.001);
    const controller = new AbortController();
    const sleep = clock.sleep(1_000_000, controller.signal);
    controller.abort();
    await expect(sleep).resolves.toBeUndefined();
  });

  it("does not call what was cancelled", async () => {
    const clock = scaledClock(1);
    const called: string[] = [];
    clock.background(1, () => called.push("cancelled"))();
    clock.after(1, () => called.push("kept"));
    await clock.sleep(10);
    expect(called).toEqual(["kept"]);
  });
});
