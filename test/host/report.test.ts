import { execFileSync } from "node:child_process";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runReportSchema } from "../../src/core/report/run-report.ts";
import type { RolloutEvent } from "../../src/core/rollout/events.ts";
import { journalText } from "../core/support/journal-text.ts";
import { plan, step } from "../support/plan.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { runInProcess } from "./support/in-process.ts";
import { inventoryOf } from "./support/small-inventory.ts";

const one = plan([step("a")]);
const events: RolloutEvent[] = [
  { type: "rollout-started", plan: one, jobs: 2 },
  { type: "step-started", step: step("a"), attempt: 1 },
];

function journal(run: string, environment = "eqiad"): string {
  return journalText(events, {
    plan: { ...one, environment },
    header: { run, environment, host: hostname() },
  });
}

const [older, newer, other] = [
  "eqiad-20261005T110000Z-42",
  "eqiad-20261005T120000Z-43",
  "codfw-20261005T130000Z-44",
] as const;

/** A state folder with these runs, and the verb on it. */
function situation(files: Readonly<Record<string, string>> = {}) {
  const state = temporaryFolder({
    [`runs/${older}.ndjson`]: journal(older),
    [`runs/${newer}.ndjson`]: journal(newer),
    [`runs/${other}.ndjson`]: journal(other, "codfw"),
    ...files,
  });
  return { state, report: (...words: string[]) => runInProcess(["report", ...words, "--state_dir", state]) };
}

describe("report", () => {
  it("is about the newest run, the newest of an environment, or the one that is named", async () => {
    const { report, state } = situation();
    const runOf = async (...words: string[]) =>
      runReportSchema.parse(JSON.parse((await report(...words, "-o", "json")).stdout)).run;
    expect(await runOf()).toBe(other);
    expect(await runOf("-e", "eqiad")).toBe(newer);
    expect(await runOf("-e", "e*")).toBe(newer);
    expect(await runOf(older)).toBe(older);
    expect(await runOf(join(state, "runs", `${older}.ndjson`))).toBe(older);
  });

  it("is written in each of its formats", async () => {
    const { report } = situation();
    const begin = async (format: string) => (await report(older, "-o", format)).stdout.split("\n")[0];
    expect(await begin("text")).toBe("restore of eqiad: killed: 1 in flight");
    expect(await begin("markdown")).toBe("# restore of eqiad: killed: 1 in flight");
    expect(await begin("html")).toBe("<!doctype html>");
    expect(await begin("json")).toContain(`{"version":1,"run":"${older}"`);
  });

  it("needs no plugin, and no folder of its own", async () => {
    const folder = join(temporaryFolder(), "none");
    const { exitCode, stderr } = await runInProcess(["report", "--state_dir", folder]);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: `no run is written down here (${folder})\n`,
    });
  });

  it("says why the runs cannot be listed", async () => {
    const folder = temporaryFolder({ runs: "a file" });
    const { exitCode, stderr } = await runInProcess(["report", "--state_dir", folder]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`the runs of ${folder} cannot be listed: `);
  });

  it("does not wait for a run that is a pipe which nobody writes to", async () => {
    const { report, state } = situation();
    const newest = "eqiad-20261005T140000Z-45";
    execFileSync("/bin/sh", ["-c", 'mkfifo "$0"', join(state, "runs", `${newest}.ndjson`)]);
    for (const words of [[], [newest]]) {
      const { exitCode, stderr } = await report(...words);
      expect(exitCode).toBe(2);
      expect(stderr).toContain(`run ${newest} cannot be read: it is no file`);
    }
  });

  it("names the nearest run where there is none of that name", async () => {
    const { report } = situation();
    const { exitCode, stderr, stdout } = await report("eqiad-20261005T110000Z-41");
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(`did you mean ${older}?`);
    expect((await report("nowhere.ndjson")).exitCode).toBe(2);
  });

  it("tells what it can of a journal that is damaged, and ends with 3 where that is nothing", async () => {
    const empty = "codfw-20261005T140000Z-45";
    const { report } = situation({ [`runs/${empty}.ndjson`]: "" });
    const { exitCode, stdout, stderr } = await report();
    expect(exitCode).toBe(3);
    expect(stdout).toContain(`run ${empty}: its journal cannot be read`);
    expect(stderr).toContain("this is not the journal of a run");
  });
});

describe("the format of an answer", () => {
  it("is refused where the verb does not have it, with those that it has", async () => {
    const { report } = situation();
    const told = async (...argv: string[]) => {
      const { exitCode, stderr, stdout } = await runInProcess(argv);
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
      return stderr;
    };
    expect((await report("-o", "mermaid")).stderr).toContain(
      "Allowed choices are text, json, markdown, html.",
    );
    expect(await told("plan", "-o", "html")).toContain("Allowed choices are text, json, mermaid.");
    expect(await told("list", "-o", "mermaid")).toContain("Allowed choices are text, json.");
    expect(await told("report", older, newer)).toContain(
      "behind the verb report stand one run, or the file of its journal, and flags",
    );
  });

  it("of a plan may be a flowchart, and nothing else is written then", async () => {
    const inventory = inventoryOf(["a", "b"]);
    const { exitCode, stdout } = await runInProcess([
      "plan",
      "--no-plugin",
      "--inventory",
      inventory,
      "-o",
      "mermaid",
    ]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
      "%% apply of north: 2 steps in 1 stage
      flowchart LR
        subgraph s0["apply"]
          direction LR
          n0_0["a"]
          n0_1["b"]
        end
        classDef gate stroke-width:2px
        classDef command stroke-width:3px
        classDef excluded stroke-dasharray:4 3
      "
    `);
  });
});
