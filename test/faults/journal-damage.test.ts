import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type BuiltCommand, buildCommand } from "../host/support/built-command.ts";
import { runInProcess } from "../host/support/in-process.ts";
import { helmRecord } from "../support/kubernetes-objects.ts";
import { drawn, everything, tellExtent } from "./support/extent.ts";
import { type Operator, operate } from "./support/operator.ts";

let command: BuiltCommand;
beforeAll(async () => {
  command = await buildCommand();
});
afterAll(() => command.remove());

const services = ["a", "b", "c", "d"];

let operator: Operator;
/** The journal of a run that was killed when a and b were done and c was not. */
let journal: { readonly run: string; readonly file: string; readonly bytes: Buffer };
beforeEach(async () => {
  operator = await operate(command, { services });
  const { helmfile, restore, runs, state } = operator;
  helmfile.hold("c");
  const { ended, kill } = restore("--jobs", "1");
  await helmfile.until("start c");
  kill("SIGKILL");
  await ended;
  for (const pid of helmfile.pids()) process.kill(pid, "SIGKILL");
  helmfile.answer("c", "exit 0");
  const [run = ""] = runs();
  const file = join(state, "runs", `${run}.ndjson`);
  journal = { run, file, bytes: readFileSync(file) };
});

const list = () => runInProcess(["runs", "--state_dir", operator.state]);

/** Where the lines of the journal end, the last three: what is cut behind the first of them has lost two lines. */
function lastEnds(): readonly [number, number, number] {
  const ends = [...journal.bytes.keys()].filter((at) => journal.bytes[at] === 0x0a).map((at) => at + 1);
  const [two = 0, one = 0, none = 0] = ends.slice(-3);
  return [two, one, none];
}

/** As it was when the journal ended: c and d are not there, and no run has gone on with it. */
async function undoResume(): Promise<void> {
  const { kubernetes, state } = operator;
  // The cluster takes up what helmfile has done when it is asked for something.
  await fetch(`${kubernetes.url}/version`);
  kubernetes.set("Secret", [helmRecord("a/main"), helmRecord("b/main")]);
  const folder = join(state, "runs");
  for (const name of readdirSync(folder)) if (!journal.file.endsWith(name)) rmSync(join(folder, name));
}

describe("a journal that is cut", () => {
  it("at any byte of its last two lines is listed as killed, with what was in flight and that it is cut", async () => {
    const { bytes, file, run } = journal;
    const [two, one, none] = lastEnds();
    expect(none).toBe(bytes.length);
    for (let length = two; length <= none; length++) {
      writeFileSync(file, bytes.subarray(0, length));
      const { exitCode, stdout } = await list();
      // The line before the last says that b has ended, and the last one that c has begun.
      const inFlight = length >= one && length < none ? 0 : 1;
      const torn = [two, one, none].includes(length) ? "" : ", its last line is cut off";
      expect([length, exitCode, stdout]).toEqual([
        length,
        0,
        expect.stringMatching(new RegExp(`^${run} .* killed: ${inFlight} in flight${torn} *$`, "m")),
      ]);
    }
  });

  it("is gone on with by what is whole in it: nothing that has ended is done again, nothing is left out", async () => {
    const { bytes, file } = journal;
    const ends = lastEnds();
    const [two, , none] = ends;
    const cuts = Array.from({ length: none - two + 1 }, (_, at) => two + at);
    const isNearEnd = (cut: number) => ends.some((end) => Math.abs(cut - end) <= 1);
    const tried = everything ? cuts : cuts.filter((cut) => isNearEnd(cut) || drawn(100, "cut", cut) === 0);
    tellExtent(
      `resumed from a journal cut at ${tried.length} of the ${cuts.length} bytes of its last two lines`,
    );
    const { restore, deployed } = operator;
    for (const length of tried) {
      const before = deployed().length;
      writeFileSync(file, bytes.subarray(0, length));
      const { exitCode } = await restore("--jobs", "1", "--resume").ended;
      // b is there, so it is not done again even where only its begin is left.
      expect([length, exitCode, deployed().slice(before)]).toEqual([length, 0, ["c", "d"]]);
      await undoResume();
    }
  });
});

describe("a journal that is no good", () => {
  const damages: readonly (readonly [string, (text: string) => string, RegExp])[] = [
    ["is empty", () => "", /is not the journal of a run/],
    [
      "has garbage in its middle",
      (text) => replaceLine(text, 4, "\u0000\u0001{"),
      /:5:1: error: .* is no JSON/,
    ],
    [
      "has something else in its middle",
      (text) => replaceLine(text, 4, '{"type":"step-started"}'),
      /:5:1: error: /,
    ],
    ["ends before its plan", (text) => text.slice(0, text.indexOf("\n") + 1), /ends before its plan/],
    [
      "is of a newer version",
      (text) => text.replace('"version":1', '"version":2'),
      /written by a newer charlie-mediawiki \(1\.2\.3\): use that/,
    ],
  ];
  const bad = "north-29991231T000000Z-1";

  it.each(damages)(
    "because it %s, is told as such, and no other run suffers from it",
    async (_, damage, why) => {
      const { restore, state, deployed } = operator;
      writeFileSync(join(state, "runs", `${bad}.ndjson`), damage(journal.bytes.toString()));
      const listed = await list();
      expect(listed.exitCode).toBe(0);
      expect(listed.stdout).toMatch(new RegExp(`^${bad} .*unreadable: `, "m"));
      expect(listed.stdout).toMatch(new RegExp(`^${journal.run} .* killed: 1 in flight *$`, "m"));
      const before = deployed().length;
      const refused = await restore("--resume").ended;
      expect([refused.exitCode, refused.stderr, deployed().length]).toEqual([
        2,
        expect.stringMatching(why),
        before,
      ]);
      const resumed = await restore("--jobs", "1", "--resume", journal.run).ended;
      expect([resumed.exitCode, deployed().slice(before)]).toEqual([0, ["c", "d"]]);
      // The run that went on is the newest now: there is a way out of it.
      expect((await restore("--resume").ended).stderr).toContain("nothing to go on with");
    },
  );

  it("because it may not be read, is told as such, and no other run suffers from it", async (test) => {
    const { state } = operator;
    const file = join(state, "runs", `${bad}.ndjson`);
    writeFileSync(file, journal.bytes);
    chmodSync(file, 0o000);
    const user = userWhoMayNotReadAll(state);
    if (user === undefined) test.skip(notTried);
    const argv = [command.program, "runs", "--state_dir", state];
    const options = { cwd: state, env: { HOME: state }, encoding: "utf8", ...user } as const;
    const { status, stdout } = spawnSync(process.execPath, argv, options);
    expect(status).toBe(0);
    expect(stdout).toMatch(new RegExp(`^${bad} .*unreadable: .*permission denied`, "m"));
    expect(stdout).toMatch(new RegExp(`^${journal.run} .* killed: 1 in flight *$`, "m"));
  });
});

const notTried = "root may read everything, and nobody else may run this node";

/** This user, or nobody where this one is root: then the folder is made theirs, but for what none may read. */
function userWhoMayNotReadAll(
  state: string,
): { readonly uid: number; readonly gid: number } | Record<never, never> | undefined {
  if (process.getuid?.() !== 0) return {};
  const nobody = 65_534;
  const user = { uid: nobody, gid: nobody };
  const tried = spawnSync(process.execPath, ["--version"], { ...user, cwd: "/" });
  if (tried.status !== 0) {
    tellExtent(`NOT tried, a journal that may not be read: ${notTried}`);
    return undefined;
  }
  chmodSync(command.folder, 0o755);
  for (const folder of [state, join(state, "runs")]) chownSync(folder, nobody, nobody);
  chownSync(journal.file, nobody, nobody);
  return user;
}

function replaceLine(text: string, at: number, line: string): string {
  const lines = text.split("\n");
  lines[at] = line;
  return lines.join("\n");
}
