import type { Backend, ProgramResult } from "../../src/core/rollout/backend.ts";
import type { StepFailure } from "../../src/core/rollout/outcome.ts";

export const exitOne: StepFailure = { kind: "exit", exitCode: 1, lastLines: ["Error: no"] };

/** A backend that waits for orders: each step ends when the test says so, and how. */
export class ObedientBackend implements Backend {
  /** Steps and commands in the order in which they were begun. */
  readonly begun: string[] = [];
  readonly #running = new Map<string, (result: ProgramResult) => void>();
  #watchers: (() => void)[] = [];
  #now = 0;

  run: Backend["run"] = (step) => this.#begin(step.id);
  runCommand: Backend["runCommand"] = (command) => this.#begin(command.join(" "));
  /** Advances when something sleeps: no time passes else. */
  now = (): number => this.#now;
  sleep: Backend["sleep"] = async (ms) => {
    this.#now += ms;
  };

  get running(): string[] {
    return [...this.#running.keys()].sort();
  }

  /** Resolves once exactly these run. */
  async runs(...ids: string[]): Promise<void> {
    const wanted = [...ids].sort().join();
    while (this.running.join() !== wanted) {
      await new Promise<void>((resolve) => this.#watchers.push(resolve));
    }
  }

  succeed(id: string): void {
    this.#end(id, { ok: true });
  }

  fail(id: string, failure: StepFailure = exitOne): void {
    this.#end(id, { ok: false, failure });
  }

  #begin(id: string): Promise<ProgramResult> {
    this.begun.push(id);
    const ended = new Promise<ProgramResult>((resolve) => this.#running.set(id, resolve));
    for (const resolve of this.#watchers.splice(0)) resolve();
    return ended;
  }

  #end(id: string, result: ProgramResult): void {
    const resolve = this.#running.get(id);
    if (!resolve) throw new Error(`${id} does not run; these do: ${this.running.join(", ")}`);
    this.#running.delete(id);
    resolve(result);
    for (const watcher of this.#watchers.splice(0)) watcher();
  }
}
