import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { setTimeout } from "node:timers/promises";
import type { ProgramResult } from "../core/backend.ts";
import type { StepFailure } from "../core/outcome.ts";
import { LastLines } from "./last-lines.ts";
import { LineSplitter } from "./line-splitter.ts";
import { groupExists, keepAccount, signalGroup, wereKilled } from "./running-programs.ts";

/**
 * How many of the last lines of output a failure keeps: helmfile's report of one command has a line for each argument, and
 * the command's output twice.
 */
const keptLines = 200;

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
  if (options.signal.aborted) return { ok: false, failure: neverStarted };
  const lastLines = new LastLines(keptLines);
  const keep = (stream: "stdout" | "stderr") => (lines: readonly string[]) => {
    lastLines.push(lines);
    for (const line of lines) options.output(line, stream);
  };
  // Not by execa, which all else here is run by: of what it adds nothing is wanted, and it costs as much as the start itself.
  const child = start(program, args, options.env);
  if ("kind" in child) return { ok: false, failure: child };
  const closed = untilClosed(child);
  const stdout = new LineSplitter(keep("stdout"));
  const stderr = new LineSplitter(keep("stderr"));
  const read = (stream: Readable, splitter: LineSplitter) => {
    // What cannot be read is missing from the output; how the program ended counts.
    stream.on("error", () => {});
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
    onCut: () => keep("stderr")(["(something that it left running still holds its output)"]),
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
  try {
    const result = await closed;
    // Nothing that it started is left behind: a second signal kills what does not end.
    while (options.signal.aborted && groupExists(child) && !wereKilled()) await setTimeout(100);
    stdout.end();
    stderr.end();
    // The program's own end counts, not that its output was cut off afterwards.
    const end = ended() ?? result;
    if ("exitCode" in end && end.exitCode === 0) return { ok: true };
    return { ok: false, failure: "kind" in end ? end : { ...describe(end), lastLines: lastLines.lines() } };
  } finally {
    clearTimeout(timer);
    forget();
    options.signal.removeEventListener("abort", interrupt);
  }
}

/** The signal came before it could be started. */
const neverStarted: StepFailure = { kind: "signal", signal: "SIGINT", lastLines: [] };

type SpawnFailure = Extract<StepFailure, { kind: "spawn" }>;

/** How a program ended: by itself or by a signal. */
type End = { readonly exitCode: number } | { readonly signal: string };

function start(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ReturnType<typeof spawnReadable> | SpawnFailure {
  try {
    return spawnReadable(program, args, env);
  } catch (error) {
    // What cannot be an argument at all, as a text with a NUL in it.
    return spawnFailure(error);
  }
}

function spawnReadable(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
) {
  return spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"], detached: true });
}

/** Resolves when the program has ended and its output is closed, or when it could not be started. */
function untilClosed(child: Pick<ChildProcess, "once">): Promise<End | SpawnFailure> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(spawnFailure(error)));
    child.once("close", (code, signal) => resolve(endOf(code, signal)));
  });
}

function endOf(code: number | null, signal: string | null): End {
  return signal === null ? { exitCode: code ?? 0 } : { signal };
}

function spawnFailure(error: unknown): SpawnFailure {
  return { kind: "spawn", message: error instanceof Error ? error.message : String(error) };
}

/** Cuts the output off where it stays open after the program's end, and remembers that end. */
function watchEnd(
  child: Pick<ChildProcess, "once" | "stdout" | "stderr">,
  { onCut, mayCut }: { readonly onCut: () => void; readonly mayCut: () => boolean },
): () => End | undefined {
  let end: End | undefined;
  const streams = [child.stdout, child.stderr];
  child.once("exit", (code, signal) => {
    end = endOf(code, signal);
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
  end: End,
):
  | { readonly kind: "exit"; readonly exitCode: number }
  | { readonly kind: "signal"; readonly signal: string } {
  return "signal" in end ? { kind: "signal", ...end } : { kind: "exit", ...end };
}
