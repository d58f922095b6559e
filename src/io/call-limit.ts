/** How long one call may still take, and whether anybody waits for it. */
export interface CallLimit {
  /** Aborts when it is over. */
  readonly signal: AbortSignal;
  /** Why it is over; undefined while it is not. */
  readonly over: () => "slow" | "cancelled" | undefined;
  readonly leftMs: () => number;
  /** How long it was given, in milliseconds. */
  readonly givenMs: () => number;
  /** Counts anew from now on. */
  readonly renew: (ms: number) => void;
  readonly cancel: () => void;
  /** The call has ended: no timer is left. */
  readonly end: () => void;
}

/** The longest time that timers of Node can take, in milliseconds. */
const longest = 2 ** 31 - 1;

export function startCallLimit(ms: number): CallLimit {
  const controller = new AbortController();
  let why: "slow" | "cancelled" | undefined;
  const stop = (reason: "slow" | "cancelled") => {
    why ??= reason;
    controller.abort();
  };
  const wait = (time: number) => setTimeout(() => stop("slow"), Math.min(Math.max(time, 0), longest));
  let given = ms;
  let endsAt = performance.now() + ms;
  let timer = wait(ms);
  return {
    signal: controller.signal,
    over: () => why,
    leftMs: () => endsAt - performance.now(),
    givenMs: () => given,
    renew: (time) => {
      clearTimeout(timer);
      given = time;
      endsAt = performance.now() + time;
      timer = wait(time);
    },
    cancel: () => stop("cancelled"),
    end: () => clearTimeout(timer),
  };
}
