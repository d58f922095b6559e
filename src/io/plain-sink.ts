import { untilDrained } from "./drain.ts";
import { eventLines } from "./event-lines.ts";
import { HeldLines, type Line } from "./held-lines.ts";
import { linePrinter } from "./line-printer.ts";
import type { RolloutSink } from "./rollout-sink.ts";
import { timeLeftSink } from "./time-left-sink.ts";

/** Prints what happens, a line each, with the service and the environment before what a step says. */
export function plainSink({
  environment,
  printsOutput,
}: {
  readonly environment: string;
  readonly printsOutput: boolean;
}): RolloutSink {
  const { stderr } = process;
  const write = linePrinter(stderr, (text) => void stderr.write(text));
  let held: HeldLines | undefined;
  let timeLeft: ReturnType<typeof timeLeftSink> | undefined;
  const print = (line: Line) => (held ? held.hold(line) : write(line));
  const printEvent = eventLines({
    ...{ environment, print },
    isKept: ({ type }) => printsOutput || type !== "step-printed",
  });
  const tell = (text: string) => {
    if (!held) write(["info", text]);
  };
  return {
    begin: ({ plan, settled, forecast }, now) => {
      if (forecast) timeLeft = timeLeftSink({ plan, forecast, settled, now, tell });
    },
    on: (event) => {
      printEvent(event);
      timeLeft?.on(event);
    },
    tell,
    congested: () => untilDrained(stderr),
    pause: () => {
      held ??= new HeldLines();
    },
    resume: () => {
      const lines = held?.all() ?? [];
      held = undefined;
      for (const line of lines) write(line);
    },
    close: () => {},
  };
}
