import { type EventStream, openEventStream as open } from "../io/event-stream.ts";
import { describeFileFault, fileFaultCode } from "../io/file-fault.ts";
import { exitCodes, Refusal } from "./settings.ts";

/** Opens where programs read what happens; refuses what cannot be written, before anything is deployed. */
export function openEventStream(target: string, tell: (text: string) => void): EventStream {
  try {
    return open(target, tell);
  } catch (error) {
    const remedy = remedies.get(fileFaultCode(error) ?? "");
    const why = remedy ?? describeFileFault(error);
    throw new Refusal(
      `nothing was deployed: the events cannot be written to ${target}: ${why}`,
      exitCodes.usage,
    );
  }
}

const remedies: ReadonlyMap<string, string> = new Map([
  ["EEXIST", "it is there already; name a file that is not, or - for standard output"],
  ["ENXIO", "it is a pipe that nobody reads yet"],
]);
