/** Standard output, kept free for one answer. */
export interface ReservedOutput {
  /** Runs what writes the answer. */
  readonly answer: (write: () => void) => void;
  /** Everything may be written again. */
  readonly end: () => void;
}

/**
 * From now on, what is written to standard output goes to standard error: a plugin that prints something, for example by
 * `console.log`, must not get into the answer that another program reads.
 */
export function reserveOutput(): ReservedOutput {
  const { stdout, stderr } = process;
  const write = stdout.write;
  const reserve = () => {
    stdout.write = ((...args: Parameters<typeof write>) => stderr.write(...args)) as typeof write;
  };
  const end = () => {
    stdout.write = write;
  };
  reserve();
  // Whatever ends the process: what called us must not take nothing for an answer.
  let isAnswered = false;
  const onExit = (exitCode: number) => {
    if (exitCode === 0 && !isAnswered) process.exitCode = 1;
  };
  process.once("exit", onExit);
  return {
    answer: (writeAnswer) => {
      isAnswered = true;
      end();
      writeAnswer();
      reserve();
    },
    end: () => {
      process.off("exit", onExit);
      end();
    },
  };
}
