import expand from "@inquirer/expand";
import input from "@inquirer/input";
import { isTerminalGone } from "./terminal.ts";

/** One possible answer to a question: its letter, and what it means. */
export interface Choice<Value extends string> {
  readonly letter: Letter;
  readonly value: Value;
  readonly text: string;
}

type Letter = "a" | "c" | "d" | "g" | "n" | "q" | "r" | "y";

/**
 * Asks on the terminal, by letters as charlie does. Ctrl-C and Ctrl-D answer `undefined`. Questions wait for each other, and
 * `before` prints what belongs to a question when its turn has come.
 */
export function createAsk(hold: { readonly pause: () => void; readonly resume: () => void }) {
  let previous: Promise<unknown> = Promise.resolve();
  return function ask<Value extends string>(
    message: string,
    choices: readonly Choice<Value>[],
    { signal, before }: { readonly signal?: AbortSignal; readonly before?: () => void } = {},
  ): Promise<Value | undefined> {
    const asked = previous.then(async () => {
      if (signal?.aborted) return undefined;
      hold.pause();
      try {
        before?.();
        const keys = choices.map(({ letter, value, text }) => ({ key: letter, value, name: text }));
        return await onTerminal(
          (prompt) => expand<Value>({ message, default: "h", choices: keys }, prompt),
          signal,
        );
      } finally {
        hold.resume();
      }
    });
    previous = asked.catch(() => undefined);
    return asked;
  };
}

/** Asks for a text. Ctrl-C and Ctrl-D answer `undefined`. */
export async function typeText(
  message: string,
  { signal }: { readonly signal: AbortSignal },
): Promise<string | undefined> {
  const typed = await onTerminal((prompt) => input({ message }, prompt), signal);
  return typed?.trim();
}

type Prompt = Parameters<typeof input>[1];

/** What was answered; undefined where nobody answers any more. */
async function onTerminal<Value>(
  ask: (prompt: Prompt) => Promise<Value>,
  signal: AbortSignal | undefined,
): Promise<Value | undefined> {
  const keyboard = watchKeyboard();
  const signals = [keyboard.closed, ...(signal ? [signal] : [])];
  try {
    return await ask({ output: process.stderr, clearPromptOnDone: false, signal: AbortSignal.any(signals) });
  } catch (error) {
    return unanswered(error);
  } finally {
    keyboard.forget();
  }
}

/**
 * Tells when nothing more can be typed: Ctrl-D on an empty line closes the keyboard, and the prompt, which does not hear of
 * it, would wait for ever.
 */
function watchKeyboard(): { readonly closed: AbortSignal; readonly forget: () => void } {
  const { stdin } = process;
  const closed = new AbortController();
  const close = () => closed.abort();
  const onKey = (_: unknown, key: { readonly ctrl?: boolean; readonly name?: string } | undefined) => {
    // Behind something typed it only removes a character: then the prompt still has the keyboard.
    if (key?.ctrl && key.name === "d") setImmediate(() => stdin.isRaw || close());
  };
  stdin.on("keypress", onKey);
  stdin.once("end", close);
  return {
    closed: closed.signal,
    forget: () => {
      stdin.off("keypress", onKey);
      stdin.off("end", close);
    },
  };
}

/** What a prompt throws when nobody answers any more; anything else is a bug. */
function unanswered(error: unknown): undefined {
  if (isTerminalGone(error)) return undefined;
  if (error instanceof Error && /^(ExitPrompt|AbortPrompt)Error$/.test(error.name)) return undefined;
  throw error;
}
