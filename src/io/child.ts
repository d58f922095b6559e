import { execa } from "execa";
import type { BackendResult } from "../core/backend.ts";
import type { StepFailure } from "../core/outcome.ts";
import { LineSplitter } from "./line-splitter.ts";
import { runningPrograms, signalGroup } from "./running-programs.ts";

/** How many of the last lines of output a failure keeps. */
const keptLines = 40;

/**
 * Runs a program to its real end, with its output handed on line by line and only the last lines kept. It gets a
 * process group of its own: Ctrl-C on the terminal then reaches it only through us, once, and what it started
 * can be signalled with it. When the signal of the context aborts, the group gets SIGINT: helm rolls back on it.
 */
export async function runProgram(
  [program, ...args]: readonly [string, ...string[]],
  options: {
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly signal: AbortSignal;
    readonly output: (line: string, stream: "stdout" | "stderr") => void;
    /** Killed so many milliseconds after the signal. @default never: a rollback takes what it takes */
    readonly killAfterMs?: number;
  },
): Promise<BackendResult> {
  const lastLines: string[] = [];
  const keep = (stream: "stdout" | "stderr") => (line: string) => {
    lastLines.push(line);
    if (lastLines.length > keptLines) lastLines.shift();
    options.output(line, stream);
  };
  const child = execa(program, args, {
    env: options.env,
    extendEnv: false,
    stdin: "ignore",
    buffer: false,
    reject: false,
    detached: true,
    cleanup: false,
  });
  const stdout = new LineSplitter(keep("stdout"));
  const stderr = new LineSplitter(keep("stderr"));
  child.stdout.on("data", (chunk: Buffer) => stdout.write(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.write(chunk));
  let timer: NodeJS.Timeout | undefined;
  const interrupt = () => {
    signalGroup(child, "SIGINT");
    if (options.killAfterMs === undefined) return;
    timer = setTimeout(() => signalGroup(child, "SIGKILL"), options.killAfterMs);
  };
  runningPrograms.add(child);
  options.signal.addEventListener("abort", interrupt, { once: true });
  if (options.signal.aborted) interrupt();
  try {
    const result = await child;
    stdout.end();
    stderr.end();
    if (!result.failed) return { ok: true };
    return { ok: false, failure: describe(result, lastLines) };
  } finally {
    clearTimeout(timer);
    runningPrograms.delete(child);
    options.signal.removeEventListener("abort", interrupt);
  }
}

function describe(
  result: {
    readonly exitCode?: number | undefined;
    readonly signal?: string | undefined;
    readonly shortMessage?: string | undefined;
    readonly originalMessage?: string | undefined;
  },
  lastLines: readonly string[],
): StepFailure {
  if (result.signal !== undefined) return { kind: "signal", signal: result.signal, lastLines };
  if (result.exitCode !== undefined) return { kind: "exit", exitCode: result.exitCode, lastLines };
  return { kind: "spawn", message: result.originalMessage ?? result.shortMessage ?? "unknown" };
}
