import TinyQueue from "tinyqueue";
import { onAbort } from "./abort.ts";

/** Time of the simulated cluster, in milliseconds since the clock was made. */
export interface Clock {
  now(): number;
  /**
   * Resolves when the time has passed, or early when the signal aborts: being stopped is no fault, so the caller
   * looks at the signal.
   */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls back when the time has passed. */
  after(ms: number, callback: () => void): Cancel;
  /**
   * The same for what goes on behind the scenes: it happens in its place while time passes, but time does not pass
   * for its sake. Without this a container that crash-loops for ever would keep a virtual clock running for ever.
   */
  background(ms: number, callback: () => void): Cancel;
}

/** Stops a timer; later calls do nothing. */
export type Cancel = () => void;

interface Timer {
  readonly at: number;
  /** Timers of the same moment go off in the order in which they were set. */
  readonly order: number;
  readonly background: boolean;
  callback: (() => void) | undefined;
}

/** When virtual time may go on. */
export interface VirtualClockOptions {
  /**
   * Calls back when nothing else can run.
   *
   * @default one turn of the event loop. Whoever also does real work (writes files) in virtual time passes something
   * that waits for that work, else time jumps ahead of it.
   */
  readonly whenIdle?: (callback: () => void) => void;
}

/**
 * A clock whose time stands still while anything runs, and jumps to the next timer when nothing does. The same
 * program gives the same times on every machine.
 */
export function virtualClock(options: VirtualClockOptions = {}): Clock {
  const whenIdle = options.whenIdle ?? setImmediate;
  const timers = new TinyQueue<Timer>([], earlier);
  let now = 0;
  let order = 0;
  let foreground = 0;
  let waking = false;

  function wake(): void {
    if (waking || foreground === 0) return;
    waking = true;
    whenIdle(goOn);
  }

  function goOn(): void {
    waking = false;
    const timer = foreground === 0 ? undefined : nextTimer(timers);
    if (timer === undefined) return;
    now = timer.at;
    if (!timer.background) foreground -= 1;
    const { callback } = timer;
    timer.callback = undefined;
    callback?.();
    wake();
  }

  function set(ms: number, background: boolean, callback: () => void): Cancel {
    const timer: Timer = { at: now + Math.max(0, ms), order: order++, background, callback };
    timers.push(timer);
    if (!background) foreground += 1;
    wake();
    return () => {
      if (timer.callback === undefined) return;
      timer.callback = undefined;
      if (!background) foreground -= 1;
    };
  }

  return clockOf(() => now, set);
}

function earlier(one: Timer, other: Timer): number {
  return one.at - other.at || one.order - other.order;
}

/** Cancelled timers stay in the queue until they come up: taking one out of a heap would cost a search. */
function nextTimer(timers: TinyQueue<Timer>): Timer | undefined {
  let timer = timers.pop();
  while (timer !== undefined && timer.callback === undefined) timer = timers.pop();
  return timer;
}

/**
 * Real time, sped up.
 *
 * @param factor virtual milliseconds in one real millisecond: 60 lets a minute pass in a second.
 */
export function scaledClock(factor: number): Clock {
  const began = performance.now();
  return clockOf(
    () => (performance.now() - began) * factor,
    (ms, background, callback) => {
      const timer = setTimeout(callback, Math.max(0, ms) / factor);
      // What goes on in the background does not keep the process alive.
      if (background) timer.unref();
      return () => clearTimeout(timer);
    },
  );
}

type SetTimer = (ms: number, background: boolean, callback: () => void) => Cancel;

function clockOf(now: () => number, set: SetTimer): Clock {
  return {
    now,
    after: (ms, callback) => set(ms, false, callback),
    background: (ms, callback) => set(ms, true, callback),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal === undefined) {
          set(ms, false, resolve);
          return;
        }
        if (signal.aborted) {
          resolve();
          return;
        }
        const ignore = onAbort(signal, () => {
          cancel();
          resolve();
        });
        const cancel = set(ms, false, () => {
          ignore();
          resolve();
        });
      }),
  };
}
