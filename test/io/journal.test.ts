import { spawnSync } from "node:child_process";
import { fdatasyncSync, ftruncateSync, readdirSync, readFileSync, statSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { journalEvent } from "../../src/core/journal/journal-event.ts";
import type { JournalContent } from "../../src/core/journal/parse-journal.ts";
import { runStateOf } from "../../src/core/journal/run-state.ts";
import type { FileCalls } from "../../src/io/journal-file.ts";
import { type Journal, type JournalOptions, openJournal } from "../../src/io/journal-writer.ts";
import { loadRun } from "../../src/io/run-files.ts";
import { anyEvent, smallPlan } from "../core/support/journal-events.ts";
import { plan, step } from "../support/plan.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { bundledScript } from "./support/bundled-script.ts";

const run = "eqiad-20261005T110000Z-1";
const steps = ["a", "b", "c"].map((id) => step(id));
const started = (id: string) => ({ type: "step-started", step: step(id), attempt: 1 }) as const;
const finished = (id: string) =>
  ({ type: "step-finished", step: step(id), outcome: { kind: "succeeded", durationMs: 1 } }) as const;

function open(folder: string, more: Partial<JournalOptions> = {}): Journal {
  const tools = { "charlie-mediawiki": "1.2.3" };
  return openJournal({
    folder,
    run,
    plan: plan(steps),
    argv: ["restore", "-e", "eqiad"],
    env: {},
    tools,
    ...more,
  });
}

async function read(folder: string, name = run): Promise<JournalContent> {
  const loaded = await loadRun(folder, name);
  if (!loaded.ok) throw new Error(loaded.failure.map(({ message }) => message).join("\n"));
  return loaded.value;
}

/** The system, but for what a test lets fail. */
function calls(failing: Partial<FileCalls>): FileCalls {
  const write: FileCalls["write"] = (fd, bytes, offset) => writeSync(fd, bytes, offset);
  return { write, truncate: ftruncateSync, sync: fdatasyncSync, ...failing };
}

function fault(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** Writes so many bytes of each line, until `full` says so. */
function fullDisk(disk: { full: boolean }, failing: Partial<FileCalls> = {}): FileCalls {
  return calls({
    write: (fd, bytes, offset) => {
      if (!disk.full) return writeSync(fd, bytes, offset);
      if (offset > 0) throw fault("ENOSPC");
      return writeSync(fd, bytes, offset, 10);
    },
    ...failing,
  });
}

describe("the journal of a run", () => {
  it("says who began it, where, with what, and is for this user alone", async () => {
    const folder = temporaryFolder();
    const env = { SSH_CONNECTION: "10.64.0.7 50000 10.64.0.1 22", SUDO_USER: "alice" };
    const resumes = "eqiad-20261004T110000Z-1";
    const journal = open(folder, { env, resumes, revisions: new Map([["a/main", 3]]) });
    journal.close();
    expect(journal.file).toBe(join(folder, "runs", `${run}.ndjson`));
    expect(statSync(journal.file).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, "runs")).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(folder, "runs"))).toEqual([`${run}.ndjson`]);
    const { header, revisions } = await read(folder);
    expect(header).toMatchObject({ run, environment: "eqiad", argv: ["restore", "-e", "eqiad"], resumes });
    expect(header).toMatchObject({ pid: process.pid, host: hostname(), from: "10.64.0.7" });
    expect(header.user).toMatch(/ \(sudo by alice\)$/);
    expect([...revisions]).toEqual([["a/main", 3]]);
  });

  it("can be read while it is written, and has what happened so far", async () => {
    const folder = temporaryFolder();
    const journal = open(folder);
    for (const event of [started("a"), finished("a"), started("b")]) {
      journal.on(event);
      const { lines, torn } = await read(folder);
      expect([lines.at(-1)?.type, torn]).toEqual([event.type, false]);
    }
    expect(runStateOf(await read(folder))).toMatchObject({ inFlight: ["b"], ended: false });
    journal.close();
  });

  it("has whatever happened, in order, when it is read again", async () => {
    const folder = temporaryFolder();
    let at = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(anyEvent, { maxLength: 30 }), async (events) => {
        const name = `eqiad-20261005T110000Z-${++at}`;
        const journal = open(folder, { run: name, plan: smallPlan, calls: calls({ sync: () => undefined }) });
        for (const event of events) journal.on(event);
        journal.close();
        const { lines } = await read(folder, name);
        const kept = lines.map(({ time: _, elapsedMs: __, ...said }) => said);
        expect(kept).toEqual(events.flatMap((event) => journalEvent(event) ?? []));
      }),
    );
  });

  it("counts time by a clock that never jumps, whatever the other one says", async () => {
    const folder = temporaryFolder();
    const times = ["2026-10-05T11:00:00.000Z", "2026-10-05T11:00:01.000Z", "2026-10-05T09:00:00.000Z"];
    let elapsed = 500;
    const clock = { time: () => times.shift() ?? "", elapsed: () => (elapsed += 100) };
    const journal = open(folder, { clock });
    journal.on(started("a"));
    journal.close();
    const { lines } = await read(folder);
    expect(lines).toMatchObject([{ time: "2026-10-05T09:00:00.000Z", elapsedMs: 200 }]);
  });

  it("has what happened on the disk before anything goes on, where it must last", () => {
    const synced: number[] = [];
    const folder = temporaryFolder();
    const journal = open(folder, {
      calls: calls({
        sync: () => {
          synced.push(
            readFileSync(join(folder, "runs", readdirSync(join(folder, "runs"))[0] ?? ""), "utf8").length,
          );
        },
      }),
    });
    const lengthNow = () => readFileSync(journal.file, "utf8").length;
    expect(synced).toEqual([lengthNow()]);
    for (const event of [started("a"), finished("a")]) {
      journal.on(event);
      expect(synced.at(-1)).toBe(lengthNow());
    }
    journal.on({
      type: "step-noticed",
      step: step("a"),
      evidence: { kind: "log", subject: "x", message: "y" },
    });
    expect(synced.length).toBe(3);
    journal.close();
  });

  it("throws where it cannot be begun, and leaves nothing behind", () => {
    const occupied = temporaryFolder({ [`runs/${run}.ndjson`]: "mine" });
    expect(() => open(occupied)).toThrow("EEXIST");
    expect(readFileSync(join(occupied, "runs", `${run}.ndjson`), "utf8")).toBe("mine");
    expect(readdirSync(join(occupied, "runs"))).toEqual([`${run}.ndjson`]);
    const full = temporaryFolder();
    expect(() => open(full, { calls: fullDisk({ full: true }) })).toThrow("ENOSPC");
    expect(() =>
      open(full, {
        calls: calls({
          sync: () => {
            throw fault("EIO");
          },
        }),
      }),
    ).toThrow("EIO");
    expect(readdirSync(join(full, "runs"))).toEqual([]);
    expect(() => open(temporaryFolder({ runs: "a file" }))).toThrow("EEXIST");
  });
});

describe("a disk that is full for a while", () => {
  it("is told once, keeps nothing of a line that did not fit, and whole lines after it", async () => {
    const folder = temporaryFolder();
    const disk = { full: false };
    const told: string[] = [];
    const journal = open(folder, { calls: fullDisk(disk), onFault: (message) => told.push(message) });
    journal.on(finished("a"));
    expect(told).toEqual([]);
    disk.full = true;
    journal.on(finished("b"));
    journal.on(finished("b"));
    const { torn, lines } = await read(folder);
    expect([torn, lines.length]).toEqual([false, 1]);
    disk.full = false;
    journal.on(finished("c"));
    journal.close();
    expect(told).toEqual([`the journal ${journal.file} cannot be written: no space left`]);
    expect([...runStateOf(await read(folder)).outcomes.keys()]).toEqual(["a", "c"]);
  });

  it("is where the journal ends if half a line cannot be taken back", async () => {
    const folder = temporaryFolder();
    const disk = { full: false };
    const truncate = () => {
      throw fault("EIO");
    };
    const journal = open(folder, { calls: fullDisk(disk, { truncate }) });
    journal.on(finished("a"));
    disk.full = true;
    journal.on(finished("b"));
    disk.full = false;
    journal.on(finished("c"));
    journal.close();
    const content = await read(folder);
    expect(content.torn).toBe(true);
    expect([...runStateOf(content).outcomes.keys()]).toEqual(["a"]);
  });

  it("is a fault also where only the disk behind it fails", () => {
    const disk = { broken: false };
    const sync = () => {
      if (disk.broken) throw fault("EIO");
    };
    const told: string[] = [];
    const onFault = (message: string) => told.push(message);
    const journal = open(temporaryFolder(), { calls: calls({ sync }), onFault });
    disk.broken = true;
    journal.on(started("a"));
    expect(told).toEqual([expect.stringContaining("cannot be written: input/output error")]);
    journal.close();
  });

  it("takes nothing from lines that the system writes in pieces", async () => {
    const folder = temporaryFolder();
    const journal = open(folder, {
      calls: calls({ write: (fd, bytes, at) => writeSync(fd, bytes, at, Math.min(7, bytes.length - at)) }),
    });
    journal.on(finished("a"));
    journal.close();
    expect([...runStateOf(await read(folder)).outcomes.keys()]).toEqual(["a"]);
  });

  it("is told by a real system too, which writes a part of the line that does not fit", async () => {
    const script = await bundledScript("journal-writer");
    const folder = temporaryFolder();
    // The largest file that may be written: 16 blocks, of 512 or 1024 bytes.
    const { stdout } = spawnSync(
      "sh",
      ["-c", 'ulimit -f 16; exec "$0" "$@"', process.execPath, script, folder, "200"],
      {
        encoding: "utf8",
      },
    );
    expect(stdout).toMatch(/cannot be written: larger than a file may be here\n$/);
    const content = await read(folder);
    expect(content.torn).toBe(false);
    const state = runStateOf(content);
    expect(state.outcomes.size).toBeGreaterThan(10);
    expect(state.outcomes.size).toBeLessThan(200);
  });
});

it("a process that is killed loses no line of its journal", async () => {
  const script = await bundledScript("journal-writer");
  const folder = temporaryFolder();
  const { signal, stdout } = spawnSync(process.execPath, [script, folder, "50", "kill"], {
    encoding: "utf8",
  });
  expect([signal, stdout]).toEqual(["SIGKILL", "no fault\n"]);
  const state = runStateOf(await read(folder));
  expect(state.outcomes.size).toBe(50);
  expect(state.inFlight).toEqual(["last"]);
});

it("a journal that is closed writes to no other file", () => {
  const told: string[] = [];
  const journal = open(temporaryFolder(), { onFault: (message) => told.push(message) });
  journal.close();
  journal.close();
  journal.on(started("a"));
  expect(told).toEqual([expect.stringContaining("the journal is closed")]);
});
