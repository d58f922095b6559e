import { constants, createWriteStream, openSync, rmSync, statSync } from "node:fs";
import { Socket } from "node:net";
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { describeFileFault, fileFaultCode } from "./file-fault.ts";
import { withinTime } from "./within-time.ts";

/** Lines for programs that look on. They never hold up who writes them. */
export interface EventStream {
  readonly write: (line: string) => void;
  /** Waits until all of it is written, but no longer than a few seconds. */
  readonly close: () => Promise<void>;
}

/** How long a reader that does not read is waited for at the end, in milliseconds. */
const closingMs = 5_000;

/**
 * Opens a file that is not there yet, or a pipe, or standard output (`-`). What cannot be written later is told once, and
 * nothing more is written then.
 *
 * @throws what the system throws; a file that is there already is `EEXIST`, a pipe that nobody reads `ENXIO`
 */
export function openEventStream(target: string, onFault: (message: string) => void): EventStream {
  const isStandard = target === "-";
  const name = isStandard ? "standard output" : target;
  const stream = isStandard ? process.stdout : openTarget(target);
  let isBroken = false;
  let isEmpty = true;
  const fail = (error: unknown) => {
    if (isBroken) return;
    isBroken = true;
    const gone = fileFaultCode(error) === "EPIPE";
    const why = gone ? "nobody reads them any more" : describeFileFault(error);
    onFault(`warning: events are not written to ${name} any more: ${why}; the rollout goes on`);
  };
  stream.on("error", fail);
  return {
    write: (line) => {
      isEmpty = false;
      if (!isBroken) stream.write(`${line}\n`);
    },
    close: async () => {
      if (isStandard) return;
      stream.end();
      // Nothing was deployed: whoever tries again is not to find the file in the way.
      if (isEmpty) removeFile(target);
      if (await withinTime(finished(stream), closingMs)) return;
      stream.destroy();
      if (!isBroken) onFault(`warning: events are missing in ${name}: its reader takes no more`);
    },
  };
}

function openTarget(path: string): Writable {
  const kind = statSync(path, { throwIfNoEntry: false });
  if (!kind) return createWriteStream(path, { fd: openSync(path, "wx", 0o640) });
  if (kind.isCharacterDevice()) return createWriteStream(path, { flags: "w" });
  // Without a reader this fails at once, where a plain open would wait for one for ever.
  if (kind.isFIFO()) return pipeTo(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK));
  return createWriteStream(path, { fd: openSync(path, "wx") });
}

/** Written by the event loop: a thread that waits for a reader would be one of the few that there are. */
function pipeTo(fd: number): Socket {
  return new Socket({ fd, readable: false, writable: true });
}

function removeFile(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isFile()) rmSync(path, { force: true });
}
