import { vi } from "vitest";
import { runCommandLine } from "../../../src/host/command-line.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

export interface Ended {
  readonly exitCode: number;
  /** What the command answered. */
  readonly stdout: string;
  /** What it told people. */
  readonly stderr: string;
}

/** Runs the command in this process, with a terminal that only remembers. */
export async function runInProcess(
  argv: readonly string[],
  options: {
    readonly env?: Readonly<Record<string, string | undefined>>;
    readonly interactive?: boolean;
    readonly signal?: AbortSignal;
  } = {},
): Promise<Ended> {
  const answers: string[] = [];
  const told: string[] = [];
  // What happens in a rollout is printed as it happens, past the terminal that is handed in.
  const stderr = vi
    .spyOn(process.stderr, "write")
    .mockImplementation((chunk) => told.push(String(chunk)) > 0);
  const exitCode = await runCommandLine(argv, {
    terminal: {
      answer: (text) => void answers.push(`${text}\n`),
      tell: (text) => void told.push(`${text}\n`),
      interactive: options.interactive ?? false,
    },
    // What was deployed from this machine is no business of a test.
    env: options.env ?? { ...process.env, XDG_STATE_HOME: temporaryFolder() },
    startedAt: performance.now(),
    interruption: {
      signal: options.signal ?? new AbortController().signal,
      interrupt: () => {},
      setLimit: () => {},
      leftMs: () => undefined,
    },
  });
  stderr.mockRestore();
  return { exitCode, stdout: answers.join(""), stderr: told.join("") };
}
