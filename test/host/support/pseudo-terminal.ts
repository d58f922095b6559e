import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { execa } from "execa";
import { expect, onTestFinished } from "vitest";

const script = fileURLToPath(new URL("pseudo-terminal.py", import.meta.url));

const probe = "import os, pty, sys; os.waitstatus_to_exitcode; print(sys.executable)";
/** python3 itself, without what may stand before it on PATH to choose one. */
const python = spawnSync("python3", ["-c", probe], { encoding: "utf8" });

/** Whether a pseudo terminal can be had here: Node has none, python3 does. */
export const hasPseudoTerminal = python.status === 0;

/** A command with somebody before it. */
export interface Session {
  /** Waits until the screen shows the text below what was shown when the last key was typed. */
  readonly sees: (text: string | RegExp) => Promise<void>;
  readonly types: (keys: string) => void;
  /** The terminal goes away, as with a connection that is lost. */
  readonly hangUp: () => void;
  /** All that was shown so far, without colours. */
  readonly screen: () => string;
  /** The same with all that is for the terminal. */
  readonly raw: () => string;
  readonly ended: Promise<{
    readonly exitCode: number;
    readonly echoBefore: boolean;
    readonly echoAfter: boolean;
  }>;
}

/** Runs a command on a pseudo terminal. */
export function onTerminal(
  command: readonly [string, ...string[]],
  options: { readonly env: Readonly<Record<string, string>>; readonly cwd: string },
): Session {
  const child = execa(python.stdout.trim(), [script, ...command], {
    ...options,
    extendEnv: false,
    reject: false,
    stdin: "pipe",
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let shown = "";
  let typedAt = 0;
  child.stdout.on("data", (chunk: Buffer) => {
    shown += chunk.toString();
  });
  const screen = (): string => stripVTControlCharacters(shown).replaceAll("\r", "");
  return {
    screen,
    raw: () => shown,
    sees: async (text) => {
      const isShown = () => {
        const latest = screen().slice(typedAt);
        return typeof text === "string" ? latest.includes(text) : text.test(latest);
      };
      try {
        await expect.poll(isShown, { timeout: 8_000, interval: 5 }).toBe(true);
      } catch {
        throw new Error(`the screen does not show "${text}":\n${screen()}`);
      }
    },
    types: (keys) => {
      typedAt = screen().length;
      child.stdin.write(keys);
    },
    hangUp: () => void child.kill("SIGKILL"),
    ended: child.then(({ stderr }) => JSON.parse(stderr.trimEnd().split("\n").at(-1) || "{}")),
  };
}
