import type { Backend } from "../core/rollout/backend.ts";

/** Milliseconds that the cluster has to say what time it is, before a step begins all the same. */
const limit = 5_000;

/** The same once it did not say so in time: with one that hangs, a rollout of many steps must not wait for each. */
const limitAfterSilence = 200;

/** How long the steps of a rollout wait for the cluster before they begin: shared by all of them. */
export class BeginPatience {
  readonly #clock: Pick<Backend, "now" | "sleep">;
  #limit = limit;

  constructor(clock: Pick<Backend, "now" | "sleep">) {
    this.#clock = clock;
  }

  /** The answer; undefined where it does not come in time, or is none. It must not reject. */
  async inTime<Value>(answer: Promise<Value | undefined>): Promise<Value | undefined> {
    const asked = this.#clock.now();
    const awake = new AbortController();
    const onTime = answer.then((value) => {
      // One that comes too late for its own step tells that the next ones may wait again.
      if (value !== undefined && this.#clock.now() - asked <= limit) this.#limit = limit;
      return { value };
    });
    const first = await Promise.race([onTime, this.#clock.sleep(this.#limit, awake.signal)]);
    awake.abort();
    if (first) return first.value;
    this.#limit = limitAfterSilence;
    return undefined;
  }
}
