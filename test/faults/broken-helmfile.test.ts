import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BuiltCommand, buildCommand } from "../host/support/built-command.ts";
import { anotherTime } from "../support/another-time.ts";
import { isRunning } from "../support/fake-helmfile.ts";
import { operate } from "./support/operator.ts";

let command: BuiltCommand;
beforeAll(async () => {
  command = await buildCommand();
});
afterAll(() => command.remove());

const services = ["a", "b", "c"];

/** A process that only a search of the whole table finds: its parent is gone by then. */
function processesWith(mark: string): number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => isRunning(pid) && environmentOf(pid).includes(mark));
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8");
  } catch {
    // It ended meanwhile, or is another user's.
    return "";
  }
}

describe("a helmfile that is killed", () => {
  it.each(["SIGKILL", "SIGSEGV"])(
    "by %s fails its step, and no other; --resume does that one again",
    async (signal) => {
      const { helmfile, restore, journal, deployed } = await operate(command, { services });
      helmfile.answer("b", `kill -${signal.slice(3)} $$`);
      const { exitCode, stderr } = await restore().ended;
      expect(exitCode).toBe(1);
      expect(stderr).toContain(`failed: b: ended by ${signal}`);
      const { outcomes } = (await journal()).state;
      expect(outcomes.get("b")).toMatchObject({ kind: "failed", failure: { kind: "signal", signal } });
      expect(deployed().toSorted()).toEqual(["a", "c"]);
      helmfile.answer("b", "exit 0");
      expect((await restore("--resume").ended).exitCode).toBe(0);
      expect(deployed().toSorted()).toEqual(services);
    },
  );
});

describe("a helmfile that hangs", () => {
  it("and whose children hang, is gone from the table of processes after the second signal", async () => {
    const mark = `HANGING=${process.pid}-${Date.now()}`;
    const [name = "", value = ""] = mark.split("=");
    const operator = await operate(command, { services, env: { [name]: value } });
    const { helmfile, restore, journal, deployed } = operator;
    // Its child and its grandchild are deaf too.
    const hang = `trap 'echo "INT b" >> "$here/events"' INT; trap '' TERM HUP
(trap '' INT TERM HUP; (sleep 1000 & wait) & wait) &
echo "start b" >> "$here/events"
while :; do wait; done`;
    helmfile.answer("b", hang);
    const { ended, kill, stderr } = restore("--jobs", "3");
    await helmfile.until("start b");
    await expect.poll(() => deployed().toSorted()).toEqual(["a", "c"]);
    kill("SIGTERM");
    await helmfile.until("INT b");
    await anotherTime();
    kill("SIGINT");
    expect((await ended).exitCode).toBe(130);
    await expect.poll(() => processesWith(mark)).toEqual([]);
    expect(stderr()).toMatch(/may be left/);
    expect((await journal()).state.outcomes.get("b")?.kind).toBe("cancelled");
    helmfile.answer("b", "exit 0");
    expect((await restore("--resume").ended).exitCode).toBe(0);
    expect(deployed().toSorted()).toEqual(services);
  });
});

describe("a helmfile that ends late", () => {
  it.each([
    ["and whose rollback worked, is waited for, and its step done again", 1, "cancelled", ["a", "b", "c"]],
    ["and was done all the same, is waited for, and counts as done", 0, "succeeded", ["b", "c"]],
  ])("%s", async (_, code, kind, left) => {
    const { helmfile, restore, journal, deployed } = await operate(command, { services });
    helmfile.hold("a", { ignoresInterrupt: true });
    const { ended, kill } = restore("--jobs", "1");
    await helmfile.until("start a");
    kill("SIGINT");
    await helmfile.until("INT a");
    // It is rolling back; nobody hurries it, and nothing else begins.
    await helmfile.release("a", code);
    expect((await ended).exitCode).toBe(130);
    expect(helmfile.events()).toEqual(["start a", "INT a", "end a"]);
    const { outcomes } = (await journal()).state;
    expect([...outcomes].map(([id, outcome]) => [id, outcome.kind])).toEqual([
      ...[
        ["b", "cancelled"],
        ["c", "cancelled"],
        ["a", kind],
      ],
    ]);
    const before = deployed().length;
    helmfile.answer("a", "exit 0");
    expect((await restore("--resume").ended).exitCode).toBe(0);
    expect(deployed().slice(before).toSorted()).toEqual(left);
  });
});

describe("a helmfile that prints garbage", () => {
  const garbage: Readonly<Record<string, string>> = {
    program: 'head -c 300000 "$(command -v sh)"',
    "no-utf8": "printf '\\377\\376\\300\\200 \\355\\240\\200 tail\\n'",
    escapes: "printf '\\033[2J\\033]0;title\\007\\033[31mred\\n'",
    endless: "head -c 10000000 /dev/zero | tr '\\0' x",
    zeros: "head -c 100000 /dev/zero",
  };
  const kinds = Object.keys(garbage);
  const good = kinds.map((kind) => `${kind}-and-0`);
  const bad = kinds.map((kind) => `${kind}-and-1`);

  it("of any kind and ends with 0 or 1: that code counts, and what is written down can be read", async () => {
    const operator = await operate(command, { services: [...good, ...bad] });
    const { helmfile, restore, journal, deployed, logs, listRuns } = operator;
    for (const [kind, shell] of Object.entries(garbage)) {
      helmfile.answer(`${kind}-and-0`, `${shell}; exit 0`);
      helmfile.answer(`${kind}-and-1`, `${shell}; ${shell} >&2; exit 1`);
    }
    const { exitCode, stderr } = await restore("--jobs", "3").ended;
    expect(exitCode).toBe(1);
    const { state, torn } = await journal();
    for (const [id, { kind }] of state.outcomes)
      expect([id, kind]).toEqual([id, good.includes(id) ? "succeeded" : "failed"]);
    expect([state.outcomes.size, torn]).toEqual([10, false]);
    expect(JSON.parse((await listRuns().ended).stdout)).toMatchObject({ runs: [{ complete: false }] });
    const logOf = (id: string) => readFileSync(join(logs, `${id}.log`), "utf8");
    // As booleans: these are no texts to be shown where this fails.
    for (const text of [stderr, logOf("escapes-and-0")]) expect(text.includes("\u001b[2J")).toBe(false);
    expect(good.filter((id) => !logOf(id).endsWith("\n# succeeded\n"))).toEqual([]);
    expect(bad.filter((id) => !logOf(id).endsWith("\n# failed\n"))).toEqual([]);
    for (const id of bad) helmfile.answer(id, "exit 0");
    expect((await restore("--resume").ended).exitCode).toBe(0);
    expect(deployed().toSorted()).toEqual([...good, ...bad].toSorted());
  });
});
