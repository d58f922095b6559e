import { plainSink } from "../io/plain-sink.ts";
import type { RolloutSink } from "../io/rollout-sink.ts";
import type { Terminal } from "../io/terminal.ts";
import type { Settings } from "./settings.ts";

/**
 * What shows a rollout: a view where there is a terminal for it, else a line for each thing that happens.
 *
 * In a view each running step has its last line of output, as all of it from several steps at once is more than anybody
 * reads, and is in the logs; `--verbose` prints it all the same. Without a view the output is what shows that it goes on.
 *
 * @param options.printsOutput whether lines of output are printed without a view
 */
export async function openSink(
  environment: string,
  {
    terminal: { view },
    settings: { verbose, events },
    printsOutput,
  }: {
    readonly terminal: Terminal;
    readonly settings: Pick<Settings, "verbose" | "events">;
    readonly printsOutput: boolean;
  },
): Promise<RolloutSink> {
  // Lines for programs in the midst of it would tear it apart.
  const isTorn = events === "-" && process.stdout.isTTY === true;
  if (!view || isTorn) return plainSink({ environment, printsOutput: printsOutput || verbose });
  // It brings what measures and draws, which no other command needs.
  const { liveSink } = await import("../io/live-sink.ts");
  return liveSink(view, { environment, printsOutput: verbose });
}
