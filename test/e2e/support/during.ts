import type { Command } from "./operator-shell.ts";
import { until } from "./until.ts";

/** Waits for something that happens while the command runs, and no longer than that. */
export async function during(
  command: Command,
  what: string,
  isSo: () => boolean | Promise<boolean>,
): Promise<void> {
  let ended: string | undefined;
  command.then(({ stderr }) => {
    ended = stderr;
  });
  await until(what, () => {
    if (ended !== undefined) throw new Error(`the command has ended before ${what}:\n${ended}`);
    return isSo();
  });
}

/** What a running command says to its operator. */
export interface Told {
  /** Waits until it has said these words, and returns when that was, in milliseconds since the epoch. */
  until(words: string): Promise<number>;
}

/** Listens to a command from now on. */
export function listenTo(command: Command): Told {
  const heard: { readonly at: number; readonly length: number }[] = [];
  let text = "";
  command.stderr.on("data", (chunk: Buffer) => {
    text += chunk;
    heard.push({ at: Date.now(), length: text.length });
  });
  return {
    until: async (words) => {
      await during(command, `it says "${words}"`, () => text.includes(words));
      const end = text.indexOf(words) + words.length;
      return heard.find(({ length }) => length >= end)?.at ?? Date.now();
    },
  };
}
