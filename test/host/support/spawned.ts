import { execa } from "execa";
import { onTestFinished } from "vitest";
import type { Ended } from "./in-process.ts";

/** The command as a process of its own. */
export interface Spawned {
  readonly pid: number;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** What it told people so far. */
  readonly stderr: () => string;
  readonly ended: Promise<Ended>;
}

/** Starts the built command. It has no terminal. */
export function spawnCommand(
  program: string,
  argv: readonly string[],
  options: {
    readonly env?: Readonly<Record<string, string>>;
    readonly cwd?: string;
    /** On standard input; without it that is empty. */
    readonly input?: string;
  } = {},
): Spawned {
  const { PATH = "", HOME = "" } = process.env;
  const child = execa(process.execPath, [program, ...argv], {
    env: { PATH, HOME, ...options.env },
    extendEnv: false,
    ...(options.input === undefined ? { stdin: "ignore" as const } : { input: options.input }),
    reject: false,
    stripFinalNewline: false,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return {
    pid: child.pid ?? 0,
    kill: (signal) => void child.kill(signal),
    stderr: () => stderr,
    ended: child.then((result) => ({
      exitCode: result.exitCode ?? -1,
      stdout: result.stdout,
      stderr: result.stderr,
    })),
  };
}
