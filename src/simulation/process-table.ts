import { onAbort } from "./abort.ts";
import type { Clock } from "./clock.ts";
import type { Faults } from "./fault.ts";
import { Interruption } from "./interruption.ts";

/** A running helmfile, scap or helm of the simulation. */
export interface Process {
  readonly interruption: Interruption;
  end(): void;
}

export interface ProcessTable {
  /** Undefined while nothing can be started. `stop` asks the process to stop once it aborts. */
  start(stop?: AbortSignal): Process | undefined;
}

/** Keeps account of what runs, so that a crash ends it all at once. */
export function processTable(clock: Clock, faults: Faults): ProcessTable {
  const running = new Set<Interruption>();
  for (const { at } of faults.crashes) {
    clock.background(at - clock.now(), () => {
      for (const interruption of running) interruption.interrupt("killed");
    });
  }
  return {
    start: (stop) => {
      if (faults.isDown(clock.now())) return undefined;
      const interruption = new Interruption();
      running.add(interruption);
      const ignore = stop === undefined ? undefined : onAbort(stop, () => interruption.interrupt("stopped"));
      return {
        interruption,
        end: () => {
          ignore?.();
          running.delete(interruption);
        },
      };
    },
  };
}
