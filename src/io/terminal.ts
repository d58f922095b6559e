/** Where the words for people and the answers for programs go. */
export interface Terminal {
  /** The answer: what was asked for, and nothing else. */
  readonly answer: (text: string) => void;
  /** Words for people. */
  readonly tell: (text: string) => void;
  /** Whether somebody is there who can be asked. */
  readonly interactive: boolean;
}

export function processTerminal(): Terminal {
  // A reader that has seen enough (`| head`) closes the pipe: that is not a fault of ours.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  }
  return {
    answer: (text) => void process.stdout.write(`${text}\n`),
    tell: (text) => void process.stderr.write(`${text}\n`),
    interactive: process.stdin.isTTY === true && process.stderr.isTTY === true,
  };
}
