import { describeFileFault } from "./file-fault.ts";

/** Where the words for people and the answers for programs go. */
export interface Terminal {
  /** The answer: what was asked for, and nothing else. */
  readonly answer: (text: string) => void;
  /** Words for people. */
  readonly tell: (text: string) => void;
  /** Whether somebody is there who can be asked. */
  readonly interactive: boolean;
}

/** A reader that has seen enough (`| head`) closes the pipe, and a terminal may go away: no fault of ours. */
const nobodyListens: ReadonlySet<string | undefined> = new Set(["EPIPE", "EIO"]);

/**
 * Whether it says that the terminal went away, for example with its connection, while something was asked on it. Node
 * throws this where nobody can catch it, too (seen with Node 20).
 */
export function isTerminalGone(error: unknown): boolean {
  return error instanceof Error && "syscall" in error && error.syscall === "setRawMode";
}

export function processTerminal(): Terminal {
  // Without a handler, Node ends the process at once, whatever still runs.
  process.stderr.on("error", () => {});
  let isTold = false;
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (isTold || nobodyListens.has(error.code)) return;
    isTold = true;
    process.stderr.write(`the answer could not be written: ${describeFileFault(error)}\n`);
    process.on("exit", (exitCode) => {
      if (exitCode === 0) process.exitCode = 1;
    });
  });
  return {
    answer: (text) => void process.stdout.write(`${text}\n`),
    tell: (text) => void process.stderr.write(`${text}\n`),
    interactive: process.stdin.isTTY === true && process.stderr.isTTY === true,
  };
}
