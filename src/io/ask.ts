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
 * Asks on the terminal, by letters as charlie does. Ctrl-C answers `undefined`. Questions wait for each other, and
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
        return await expand<Value>(
          {
            message,
            default: "h",
            choices: choices.map(({ letter, value, text }) => ({ key: letter, value, name: text })),
          },
          { output: process.stderr, clearPromptOnDone: false, ...(signal ? { signal } : {}) },
        );
      } catch (error) {
        return unanswered(error);
      } finally {
        hold.resume();
      }
    });
    previous = asked.catch(() => undefined);
    return asked;
  };
}

/** Asks for a text. Ctrl-C answers `undefined`. */
export async function typeText(
  message: string,
  { signal }: { readonly signal: AbortSignal },
): Promise<string | undefined> {
  try {
    const typed = await input({ message }, { output: process.stderr, clearPromptOnDone: false, signal });
    return typed.trim();
  } catch (error) {
    return unanswered(error);
  }
}

/** What a prompt throws when nobody answers any more; anything else is a bug. */
function unanswered(error: unknown): undefined {
  if (isTerminalGone(error)) return undefined;
  if (error instanceof Error && /^(ExitPrompt|AbortPrompt)Error$/.test(error.name)) return undefined;
  throw error;
}
