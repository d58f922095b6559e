import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { basename } from "node:path";

/** A server that runs in the background and writes to a log file. */
export interface Daemon {
  readonly name: string;
  hasExited(): boolean;
  /** The end of its log, for messages. */
  logTail(): string;
  /** Kills it and waits until it is gone. */
  stop(): Promise<void>;
}

/**
 * Runs a command until its standard input closes, then kills it. The pipe closes whichever way this process ends, also
 * by SIGKILL, so a test runner that kills its workers leaves no server behind.
 */
const supervisor = `
exec 3<&0
"$@" </dev/null 3<&- &
child=$!
{ cat <&3; kill -KILL $child; } >/dev/null 2>&1 &
guard=$!
wait $child
kill $guard
`;

export function startDaemon(command: string, args: readonly string[], logFile: string): Daemon {
  const log = openSync(logFile, "a");
  const child = spawn("sh", ["-c", supervisor, "supervisor", command, ...args], {
    stdio: ["pipe", log, log],
    // Memory is there, and collecting garbage costs them a tenth of their time.
    env: { ...process.env, GOGC: "400" },
    // A group of its own: Ctrl-C in a terminal reaches the tests, which then stop it in their order.
    detached: true,
  });
  closeSync(log);
  const gone = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  // The pipe and the process must not keep a test runner alive that is otherwise done.
  child.unref();
  return {
    name: basename(command),
    hasExited: () => child.exitCode !== null || child.signalCode !== null,
    logTail: () => readFileSync(logFile, "utf8").split("\n").slice(-25).join("\n"),
    stop: () => stop(child, gone),
  };
}

async function stop(child: ChildProcess, gone: Promise<void>): Promise<void> {
  child.ref();
  child.stdin?.end();
  await gone;
}
