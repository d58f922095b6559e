import type { ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import { setTimeout } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { execa } from "execa";
import type { ProgramResult } from "../core/backend.ts";
import type { StepFailure } from "../core/outcome.ts";
import { LineSplitter } from "./line-splitter.ts";
import { groupExists, keepAccount, signalGroup, wereKilled } from "./running-programs.ts";

/**
 * How many of the last lines of output a failure keeps: helmfile's report of one command has a line for each argument, and
 * the command's output twice.
 */
const keptLines = 200;

/** How long a line may be in what a failure keeps; some programs write a megabyte without a line end. */
const keptLength = 4_096;

/**
 * How long the output of a program that has ended may stay open, in milliseconds: what it left running in the
 * background may hold it for ever.
 */
const outputGraceMs = 3_000;

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
    /** While it gives a promise, no more output is read: whoever takes the lines cannot follow. */
    readonly congested?: () => Promise<void> | undefined;
    /** Killed so many milliseconds after the signal. @default never: a rollback takes what it takes */
    readonly killAfterMs?: number;
  },
): Promise<ProgramResult> {
  const lastLines: string[] = [];
  const keep = (stream: "stdout" | "stderr") => (line: string) => {
    lastLines.push(stripVTControlCharacters(line.slice(0, keptLength)));
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
  const read = (stream: Readable, splitter: LineSplitter) => {
    stream.on("data", (chunk: Buffer) => {
      splitter.write(chunk);
      // What is left after the program's end is little, and must not wait for a reader.
      const congestion = ended() ? undefined : options.congested?.();
      if (!congestion) return;
      stream.pause();
      void congestion.then(() => stream.resume());
    });
  };
  const ended = watchEnd(child, {
    onCut: () => keep("stderr")("(something that it left running still holds its output)"),
    // After an interruption what it started may be rolling back, and says so.
    mayCut: () => !(options.signal.aborted && groupExists(child)),
  });
  read(child.stdout, stdout);
  read(child.stderr, stderr);
  let timer: NodeJS.Timeout | undefined;
  const interrupt = () => {
    signalGroup(child, "SIGINT");
    if (options.killAfterMs === undefined) return;
    timer = globalThis.setTimeout(() => signalGroup(child, "SIGKILL"), options.killAfterMs);
  };
  const forget = keepAccount(child, [program, ...args]);
  options.signal.addEventListener("abort", interrupt, { once: true });
  if (options.signal.aborted) interrupt();
  try {
    const result = await child;
    // Nothing that it started is left behind: a second signal kills what does not end.
    while (options.signal.aborted && groupExists(child) && !wereKilled()) await setTimeout(100);
    stdout.end();
    stderr.end();
    // The program's own end counts, not that its output was cut off afterwards.
    const { exitCode, signal } = ended() ?? result;
    if (exitCode === 0) return { ok: true };
    return { ok: false, failure: describe({ ...result, exitCode, signal }, lastLines) };
  } finally {
    clearTimeout(timer);
    forget();
    options.signal.removeEventListener("abort", interrupt);
  }
}

/** Cuts the output off where it stays open after the program's end, and remembers that end. */
function watchEnd(
  child: Pick<ChildProcess, "once" | "stdout" | "stderr">,
  { onCut, mayCut }: { readonly onCut: () => void; readonly mayCut: () => boolean },
): () => { readonly exitCode?: number; readonly signal?: string } | undefined {
  let end: { readonly exitCode?: number; readonly signal?: string } | undefined;
  const streams = [child.stdout, child.stderr];
  child.once("exit", (code, signal) => {
    end = signal === null ? { exitCode: code ?? 0 } : { signal };
    for (const stream of streams) stream?.resume();
    const timer = setInterval(() => {
      if (!mayCut()) return;
      clearInterval(timer);
      onCut();
      for (const stream of streams) stream?.destroy();
    }, outputGraceMs);
    child.once("close", () => clearInterval(timer));
  });
  return () => end;
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
