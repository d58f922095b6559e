import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runProgram } from "../../src/io/run-program.ts";
import { isRunning } from "../support/fake-helmfile.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** Runs a shell that has begun something of its own in the background: its number is in the file `child`. */
async function run(
  shell: string,
  {
    leftoverLimitMs = 60_000,
    signal = new AbortController().signal,
    told = (_: string): void => undefined,
  } = {},
) {
  const folder = temporaryFolder();
  const lines: string[] = [];
  const result = await runProgram(["/bin/sh", "-c", `cd "$0"; ${shell}`, folder], {
    env: { ...process.env, NODE: process.execPath },
    signal,
    leftoverLimitMs,
    output: (line) => {
      lines.push(line);
      told(line);
    },
  });
  const pid = Number(readFileSync(join(folder, "child"), "utf8"));
  return { result, lines, pid, ended: existsSync(join(folder, "ended")) };
}

/**
 * Takes back what it does when it is asked to, as helm does, and needs a while for that. No shell: what a shell puts in the
 * background ignores SIGINT for good.
 */
const helm = `"$NODE" -e '
  process.on("SIGINT", () => setTimeout(() => { fs.writeFileSync("ended", ""); process.exit(1); }, 300));
  setInterval(() => {}, 1000);
  fs.writeFileSync("child", String(process.pid));
' >/dev/null 2>&1 & until [ -s child ]; do sleep 0.05; done;`;
/** Ends by itself after a while, but for a signal. */
const orphan = `"$NODE" -e '
  setTimeout(() => fs.writeFileSync("ended", ""), 500);
  fs.writeFileSync("child", String(process.pid));
' >/dev/null 2>&1 & until [ -s child ]; do sleep 0.05; done;`;
/** Hears nothing, from the moment that the shell goes on. */
const deaf = `(trap '' INT TERM; : > deaf; while :; do sleep 0.05; done) >/dev/null 2>&1 & echo $! > child;
  until [ -e deaf ]; do sleep 0.05; done;`;

describe("what a program has started", () => {
  it("is asked to stop when the program has failed, and waited for: helm takes back what it does", async () => {
    const { result, lines, pid, ended } = await run(`${helm} exit 3`);
    expect(result).toMatchObject({ ok: false, failure: { kind: "exit", exitCode: 3 } });
    expect([ended, isRunning(pid)]).toEqual([true, false]);
    expect(lines).toEqual(["(something that it started still runs, and has been asked to stop)"]);
  });

  it("is only waited for when the program was killed, also after Ctrl-C: helm would die of its first word", async () => {
    const stop = new AbortController();
    const told = (line: string) => {
      // It goes on when all that could reach it has.
      if (line.endsWith("is waited for)")) stop.abort();
    };
    const { result, lines, pid, ended } = await run(`${orphan} kill -9 $$`, { signal: stop.signal, told });
    expect(result).toMatchObject({ ok: false, failure: { kind: "signal", signal: "SIGKILL" } });
    expect([ended, isRunning(pid), stop.signal.aborted]).toEqual([true, false, true]);
    expect(lines).toEqual(["(something that it started still runs, and is waited for)"]);
  });

  it("is killed where it does not end in time, and that is told", async () => {
    const { pid, lines } = await run(`${deaf} exit 3`, { leftoverLimitMs: 300 });
    expect(lines.at(-1)).toBe("(something that it started did not end in time, and was killed)");
    await expect.poll(() => isRunning(pid)).toBe(false);
  });

  it("does not hold up for ever a step that was stopped, also where it holds the output", async () => {
    const stop = new AbortController();
    const shell = `(trap '' INT TERM; while :; do sleep 0.05; done) & echo $! > child; trap 'exit 1' INT; while :; do sleep 0.05; done`;
    const running = run(shell, { leftoverLimitMs: 300, signal: stop.signal });
    setTimeout(() => stop.abort(), 300);
    const { result, pid } = await running;
    expect(result.ok).toBe(false);
    await expect.poll(() => isRunning(pid)).toBe(false);
  });

  it.skipIf(!existsSync("/proc/self/stat"))(
    "is not waited for where it only was not buried yet",
    async () => {
      // Whose parent never asks how it ended, as the first process of many a container: what has taken the shell's place does
      // not know its child.
      const dead = `(sleep 600 & echo $! > child; exec setsid sleep 600) >/dev/null 2>&1 &
      parent=$!; until [ -s child ] && [ "$(cat /proc/$parent/comm)" = sleep ]; do sleep 0.05; done
      kill -9 $(cat child); until grep -q ') Z' /proc/$(cat child)/stat; do sleep 0.05; done;`;
      const { pid, lines } = await run(`${dead} echo $parent; exit 3`, { leftoverLimitMs: 2_000 });
      expect([isRunning(pid), existsSync(`/proc/${pid}`)]).toEqual([false, true]);
      expect(lines).toEqual([expect.stringMatching(/^\d+$/)]);
      process.kill(Number(lines[0]), "SIGKILL");
    },
  );

  it("goes on where the program ended well: a hook may have left it there on purpose", async () => {
    const { result, pid, lines } = await run(`${helm} exit 0`);
    expect(result).toEqual({ ok: true });
    expect([isRunning(pid), lines]).toEqual([true, []]);
    process.kill(pid, "SIGKILL");
  });
});
