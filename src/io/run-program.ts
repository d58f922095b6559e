import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import type { ProgramResult } from "../core/rollout/backend.ts";
import type { StepFailure } from "../core/rollout/outcome.ts";
import { interrupted } from "../core/rollout/outcome-reasons.ts";
import { endLeftovers } from "./end-leftovers.ts";
import { LastLines } from "./last-lines.ts";
import { LineSplitter } from "./line-splitter.ts";
import { keepAccount, signalGroup } from "./running-programs.ts";
import { whyNotStarted } from "./why-not-started.ts";

/**
 * How many of the last lines of output a failure holds until it is known whether a retry may mend it: helmfile's report of
 * one command has a line for each argument, and the command's output twice.
 */
const linesForRetry = 200;

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
    /** How long what it started may go on, once it has failed or was interrupted. @default 15 minutes */
    readonly leftoverLimitMs?: number;
  },
): Promise<ProgramResult> {
  if (options.signal.aborted) return { ok: false, failure: neverStarted };
  const lastLines = new LastLines(linesForRetry);
  const keep = (stream: "stdout" | "stderr") => (lines: readonly string[]) => {
    lastLines.push(lines);
    for (const line of lines) options.output(line, stream);
  };
  // Not by execa, which all else here is run by: of what it adds nothing is wanted, and it costs as much as the start itself.
  const child = start(program, args, options.env);
  if ("kind" in child) return { ok: false, failure: child };
  const exited = untilExited(child, program);
  const closed = untilClosed(child);
  // Where no file can be opened any more it has none of these, and says why by an event.
  if (!child.stdout || !child.stderr) {
    const end = await exited;
    return {
      ok: false,
      failure: "kind" in end ? end : { kind: "spawn", message: "its output cannot be read" },
    };
  }
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
  let isWaited = false;
  const ended = watchEnd(child, {
    onCut: () => keep("stderr")(["(something that it left running still holds its output)"]),
    // What it started may be rolling back, and says so.
    mayCut: () => !isWaited,
  });
  read(child.stdout, stdout);
  read(child.stderr, stderr);
  let timer: NodeJS.Timeout | undefined;
  let isOrphaned = false;
  const interrupt = () => {
    if (!isOrphaned) signalGroup(child, "SIGINT");
    if (options.killAfterMs === undefined) return;
    timer = setTimeout(() => signalGroup(child, "SIGKILL"), options.killAfterMs);
  };
  const forget = keepAccount(child, [program, ...args]);
  options.signal.addEventListener("abort", interrupt, { once: true });
  try {
    const end = await exited;
    const isWell = "exitCode" in end && end.exitCode === 0;
    isOrphaned = "signal" in end && !options.signal.aborted;
    // What ended well may leave something in the background on purpose.
    if (!isWell || options.signal.aborted) {
      isWaited = true;
      await endLeftovers(child, {
        limitMs: options.leftoverLimitMs,
        manner: options.signal.aborted ? "asked" : isOrphaned ? "let" : "to-ask",
        tell: (line) => keep("stderr")([line]),
      });
      isWaited = false;
    }
    await closed;
    stdout.end();
    stderr.end();
    if (isWell) return { ok: true };
    return { ok: false, failure: "kind" in end ? end : { ...describe(end), lastLines: lastLines.lines() } };
  } finally {
    clearTimeout(timer);
    forget();
    options.signal.removeEventListener("abort", interrupt);
  }
}

type SpawnFailure = Extract<StepFailure, { kind: "spawn" }>;

/** The signal came before it could be started: so nothing was killed, and nothing is left behind. */
const neverStarted: SpawnFailure = { kind: "spawn", message: interrupted };

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
    return spawnFailure(program, error);
  }
}

function spawnReadable(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
) {
  return spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"], detached: true });
}

/** Resolves when the program has ended, or when it could not be started. */
function untilExited(child: Pick<ChildProcess, "once">, program: string): Promise<End | SpawnFailure> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(spawnFailure(program, error)));
    child.once("exit", (code, signal) => resolve(endOf(code, signal)));
  });
}

/** Resolves when it has ended and its output is closed, too. */
function untilClosed(child: Pick<ChildProcess, "once">): Promise<void> {
  return new Promise((resolve) => {
    child.once("error", () => resolve());
    child.once("close", () => resolve());
  });
}

function endOf(code: number | null, signal: string | null): End {
  return signal === null ? { exitCode: code ?? 0 } : { signal };
}

function spawnFailure(program: string, error: unknown): SpawnFailure {
  if (!(error instanceof Error)) return { kind: "spawn", message: String(error) };
  const { code } = error as NodeJS.ErrnoException;
  return { kind: "spawn", message: whyNotStarted(program, code) ?? error.message };
}

/** Cuts the output off where it stays open after the program's end. The answer tells whether that has come. */
function watchEnd(
  child: Pick<ChildProcess, "once" | "stdout" | "stderr">,
  { onCut, mayCut }: { readonly onCut: () => void; readonly mayCut: () => boolean },
): () => boolean {
  let isEnded = false;
  const streams = [child.stdout, child.stderr];
  child.once("exit", () => {
    isEnded = true;
    for (const stream of streams) stream?.resume();
    const timer = setInterval(() => {
      if (!mayCut()) return;
      clearInterval(timer);
      onCut();
      for (const stream of streams) stream?.destroy();
    }, outputGraceMs);
    child.once("close", () => clearInterval(timer));
  });
  return () => isEnded;
}

function describe(
  end: End,
):
  | { readonly kind: "exit"; readonly exitCode: number }
  | { readonly kind: "signal"; readonly signal: string } {
  return "signal" in end ? { kind: "signal", ...end } : { kind: "exit", ...end };
}
