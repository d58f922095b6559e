import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { describeRun } from "../../src/core/journal/run-list.ts";
import { openJournal } from "../../src/io/journal-writer.ts";
import { loadRun, loadRuns, nextRunName } from "../../src/io/run-files.ts";
import { type header, journalText } from "../core/support/journal-text.ts";
import { plan, step } from "../support/plan.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const small = plan([step("a")]);

function journal(run: string, more: Parameters<typeof header>[0] = {}): Record<string, string> {
  return { [`runs/${run}.ndjson`]: journalText([], { plan: small, header: { run, ...more } }) };
}

/** Each run with its state in words, or why it cannot be read. */
async function listed(folder: string, environment?: string): Promise<string[]> {
  const runs = (await loadRuns(folder)).filter((one) => [one.environment, undefined].includes(environment));
  return runs.map((one) => `${one.run}: ${"fault" in one ? one.fault : describeRun(one.state, one)}`);
}

describe("the runs of a state folder", () => {
  it("are none where there is no folder yet", async () => {
    expect(await listed(join(temporaryFolder(), "missing"))).toEqual([]);
  });

  it("are listed newest first, each that cannot be read with the reason", async () => {
    const [oldest, old, newer, newest] = [1, 2, 3, 4].map((hour) => `eqiad-20261005T0${hour}0000Z-42`);
    const folder = temporaryFolder({
      ...journal(newer ?? ""),
      ...journal(oldest ?? ""),
      ...journal("staging-eqiad-20261005T050000Z-1"),
      [`runs/${old}.ndjson`]: "garbage\n",
      [`runs/.${newest}.ndjson.new`]: "half",
      "runs/notes.txt": "",
      "runs/x.ndjson": "",
    });
    mkdirSync(join(folder, "runs", `${newest}.ndjson`));
    symlinkSync("nowhere", join(folder, "runs", "eqiad-20261005T000000Z-1.ndjson"));
    const dead = "killed: 0 in flight";
    expect(await listed(folder, "eqiad")).toEqual([
      `${newest}: run ${newest} cannot be read: it is a directory (${folder}/runs/${newest}.ndjson)`,
      `${newer}: ${dead}`,
      `${old}: this is not the journal of a run: it does not begin with a line of type journal`,
      `${oldest}: ${dead}`,
      `eqiad-20261005T000000Z-1: run eqiad-20261005T000000Z-1 cannot be read: there is no such run (${folder}/runs/eqiad-20261005T000000Z-1.ndjson)`,
    ]);
    expect((await loadRuns(folder))[0]?.run).toBe("staging-eqiad-20261005T050000Z-1");
  });

  it("are not waited for where one is a pipe that nobody writes to", async () => {
    const folder = temporaryFolder(journal("eqiad-20261005T010000Z-42"));
    const pipe = join(folder, "runs", "eqiad-20261005T020000Z-42.ndjson");
    execFileSync("/bin/sh", ["-c", 'mkfifo "$0"', pipe]);
    expect(await listed(folder)).toEqual([
      `eqiad-20261005T020000Z-42: run eqiad-20261005T020000Z-42 cannot be read: it is no file (${pipe})`,
      "eqiad-20261005T010000Z-42: killed: 0 in flight",
    ]);
  });

  it("run where their process does: of this host, alive, and the same that it was", async () => {
    const run = "eqiad-20261005T010000Z-42";
    const folder = temporaryFolder();
    const open = openJournal({ folder, run, plan: small, argv: [], env: {}, tools: {} });
    expect(await listed(folder)).toEqual([`${run}: running: 0 of 1 ended`]);
    open.close();
    const own = { pid: process.pid, host: hostname() };
    for (const other of [
      { ...own, host: "elsewhere" },
      { ...own, processStart: "another boot:1" },
    ]) {
      writeFileSync(open.file, Object.values(journal(run, other))[0] ?? "");
      expect(await listed(folder)).toEqual([`${run}: killed: 0 in flight`]);
    }
  });

  it("are read by their names, which lead to no other file", async () => {
    const folder = temporaryFolder({ "secret.ndjson": "" });
    expect(await loadRun(folder, "../secret")).toMatchObject({
      failure: [{ message: '"../secret" is not the name of a run' }],
    });
    expect(await loadRun(folder, "eqiad-20261005T010000Z-42")).toMatchObject({
      failure: [{ message: expect.stringContaining("cannot be read: there is no such run") }],
    });
  });
});

it("the journal of a run that was copied to the name of another one is not taken for that one", async () => {
  const [run, copy] = ["eqiad-20261005T010000Z-42", "eqiad-20261005T020000Z-42"];
  const folder = temporaryFolder({ [`runs/${copy}.ndjson`]: journal(run)[`runs/${run}.ndjson`] ?? "" });
  expect(await listed(folder)).toEqual([
    `${copy}: run ${copy} cannot be read: its journal is that of ${run} (${folder}/runs/${copy}.ndjson)`,
  ]);
});

describe("the name of the next run", () => {
  const now = Date.UTC(2026, 9, 5, 11);

  it("has the environment, the time and the process", () => {
    expect(nextRunName(temporaryFolder(), "eqiad", { now, pid: 7 })).toBe("eqiad-20261005T110000Z-7");
  });

  it("sorts behind all others of the environment, also where the clock was set back", () => {
    const folder = temporaryFolder({
      ...journal("eqiad-20261005T235959Z-9"),
      ...journal("eqiad-20261004T110000Z-9"),
      ...journal("codfw-20271004T110000Z-9"),
    });
    expect(nextRunName(folder, "eqiad", { now, pid: 7 })).toBe("eqiad-20261006T000000Z-7");
    expect(nextRunName(folder, "staging", { now, pid: 7 })).toBe("staging-20261005T110000Z-7");
  });

  it("is that of a run, whatever names there are: one with a time that no clock tells is none", async () => {
    const folder = temporaryFolder({
      ...journal("eqiad-99991231T235959Z-9"),
      ...journal("eqiad-20261305T250000Z-9"),
      ...journal("codfw-99981231T235959Z-9"),
    });
    expect(nextRunName(folder, "eqiad", { now, pid: 7 })).toBe("eqiad-20261005T110000Z-7");
    expect(nextRunName(folder, "codfw", { now, pid: 7 })).toBe("codfw-20261005T110000Z-7");
    expect((await loadRuns(folder)).map(({ run }) => run)).toEqual(["codfw-99981231T235959Z-9"]);
  });
});
