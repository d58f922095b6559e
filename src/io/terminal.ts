import type { Writable } from "node:stream";
import { terminalText } from "../core/view/terminal-text.ts";
import { takesColors } from "./colors.ts";
import { describeFileFault, textIn } from "./file-fault.ts";

/** Where the words for people and the answers for programs go. */
export interface Terminal {
  /** The answer: what was asked for, and nothing else. */
  readonly answer: (text: string) => void;
  /** Words for people. */
  readonly tell: (text: string) => void;
  /** Whether somebody is there who can be asked. */
  readonly interactive: boolean;
  /** Where a view can be kept in the last lines; absent where the words for people go to no terminal that can show one. */
  readonly view?: ViewTerminal;
}

/** What is written to it stands on a screen of this size, as far as that is known. */
export type ScreenStream = Writable & { readonly columns?: number; readonly rows?: number };

/** A terminal on which something is drawn again and again. */
export interface ViewTerminal {
  readonly stream: ScreenStream;
  /** Hands words for people to whoever draws from now on, who knows where they can stand; with `undefined` not any more. */
  readonly divert: (write: ((text: string) => void) | undefined) => void;
}

/** A reader that has seen enough (`| head`) closes the pipe, and a terminal may go away: no fault of ours. */
const nobodyListens: ReadonlySet<string | undefined> = new Set(["EPIPE", "EIO"]);

/**
 * Whether it says that the terminal went away, for example with its connection, while something was asked on it. Node
 * throws this where nobody can catch it, too (seen with Node 20).
 */
export function isTerminalGone(error: unknown): boolean {
  return textIn(error, "syscall") === "setRawMode";
}

export function processTerminal(env: Readonly<Record<string, string | undefined>>): Terminal {
  // Without a handler, Node ends the process at once, whatever still runs.
  process.stderr.on("error", () => {});
  waitForNoTerminal(process.stderr);
  let isTold = false;
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (isTold || nobodyListens.has(error.code)) return;
    isTold = true;
    process.stderr.write(`the answer could not be written: ${describeFileFault(error)}\n`);
    process.on("exit", (exitCode) => {
      if (exitCode === 0) process.exitCode = 1;
    });
  });
  const toScreen = (text: string): void => {
    process.stderr.write(text);
  };
  let write = toScreen;
  const divert: ViewTerminal["divert"] = (instead) => {
    write = instead ?? toScreen;
  };
  return {
    answer: (text) => void process.stdout.write(`${text}\n`),
    tell: (text) => write(`${terminalText(text, { colors: takesColors(process.stderr) })}\n`),
    interactive: process.stdin.isTTY === true && process.stderr.isTTY === true,
    ...(canShowView(env) && { view: { stream: process.stderr, divert } }),
  };
}

/**
 * At a terminal that takes no more, as its connection hangs or somebody has stopped it by Ctrl-S, Node would wait in the
 * midst of a write: no step would be begun, no signal heard. So what is written waits instead. For who comes after us the
 * terminal is left as it was.
 */
function waitForNoTerminal(stream: NodeJS.WriteStream): void {
  if (!stream.isTTY) return;
  const handle: unknown = Reflect.get(stream, "_handle");
  if (typeof handle !== "object" || handle === null || !("setBlocking" in handle)) return;
  const { setBlocking } = handle;
  if (typeof setBlocking !== "function") return;
  setBlocking.call(handle, false);
  process.on("exit", () => void setBlocking.call(handle, true));
}

/** A terminal of a CI system shows what is drawn anew as one line after the other. */
function canShowView({ TERM, CI }: Readonly<Record<string, string | undefined>>): boolean {
  const isCi = CI !== undefined && !["", "0", "false"].includes(CI);
  return process.stderr.isTTY === true && TERM !== undefined && TERM !== "dumb" && !isCi;
}
