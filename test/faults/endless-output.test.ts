import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type BuiltCommand, buildCommand, repository } from "../host/support/built-command.ts";
import { controlledHelmfile } from "../host/support/controlled-helmfile.ts";
import { inventoryOf } from "../host/support/small-inventory.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { everything, tellExtent } from "./support/extent.ts";

let command: BuiltCommand;
beforeAll(async () => {
  command = await buildCommand();
});
afterAll(() => command.remove());

const megabyte = 1_000_000;
const little = 10 * megabyte;
const much = (everything ? 1000 : 100) * megabyte;

/** What a collector of garbage may make of it, in KiB: how much it lets lie depends on how busy the machine is. */
const margin = 60 * 1024;

const shapes = {
  "lines of 100 letters": (bytes: number) =>
    `yes ${"@".repeat(99)} | head -c ${bytes}; [ -z "$FAILS" ] || exit 1`,
  "one line without an end": (bytes: number) =>
    `head -c ${bytes} /dev/zero | tr '\\0' @; [ -z "$FAILS" ] || exit 1`,
};

interface Measured {
  readonly exitCode: unknown;
  /** The most memory that the command had, in KiB. */
  readonly peak: number;
  /** How many letters that the helmfile printed are in its log, and in what the command printed. */
  readonly logged: number;
  readonly printed: number;
  /** Of the run, in bytes. */
  readonly journal: number;
}

/** An apply of one service whose helmfile prints so much, with what the command says going to a file. */
async function applyPrinting(shell: string, fails: boolean): Promise<Measured> {
  const helmfile = controlledHelmfile();
  helmfile.answer("diff", "exit 2");
  helmfile.answer("apply", shell);
  const folder = temporaryFolder({ "peak.cjs": tellPeak });
  const said = join(folder, "said");
  const out = openSync(said, "w");
  const flags = ["--yes", "--no-plugin", "--log_dir", join(folder, "logs"), "--state_dir", folder];
  const argv = ["apply", ...flags, "--inventory", inventoryOf(["a"])];
  const child = spawn(process.execPath, [command.program, ...argv], {
    cwd: repository,
    env: {
      ...{ PATH: helmfile.path, HOME: folder, PEAK: join(folder, "peak"), FAILS: fails ? "yes" : "" },
      NODE_OPTIONS: `--require ${join(folder, "peak.cjs")}`,
    },
    stdio: ["ignore", out, out],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [exitCode]: unknown[] = await once(child, "exit");
  closeSync(out);
  const [journal = ""] = readdirSync(join(folder, "runs"));
  return {
    exitCode,
    peak: Number(readFileSync(join(folder, "peak"), "utf8")),
    logged: await lettersIn(join(folder, "logs", "a.log")),
    printed: await lettersIn(said),
    journal: statSync(join(folder, "runs", journal)).size,
  };
}

const tellPeak = `if (process.argv[1]?.endsWith("charlie-mediawiki.js")) {
  process.on("exit", () => require("fs").writeFileSync(process.env.PEAK, String(process.resourceUsage().maxRSS)));
}`;

/** By other programs: a file of 1 GB is no text of this one. */
async function lettersIn(file: string): Promise<number> {
  const { stdout } = await execa("sh", ["-c", 'tr -cd @ < "$0" | wc -c', file]);
  return Number(stdout);
}

describe("a helmfile that prints without end", () => {
  it.each(Object.entries(shapes))(
    "(%s): all of it is in the log, and none of it stays in memory",
    async (shape, shell) => {
      const lettersOf = (bytes: number) => (shape.startsWith("lines") ? (bytes * 99) / 100 : bytes);
      const small = await applyPrinting(shell(little), false);
      const large = await applyPrinting(shell(much), true);
      expect([small.exitCode, large.exitCode]).toEqual([0, 1]);
      // What a failure keeps of its last lines is told once more.
      expect(small.logged).toBe(lettersOf(little));
      expect(large.logged).toBe(lettersOf(much));
      expect(large.printed).toBeGreaterThanOrEqual(lettersOf(much));
      expect(large.journal).toBeLessThan(megabyte);
      const [before, after] = [small.peak, large.peak].map((peak) => Math.round(peak / 1024));
      tellExtent(
        `${shape}: ${before} MiB of memory for ${little / megabyte} MB, ${after} MiB for ${much / megabyte} MB`,
      );
      expect(large.peak - small.peak).toBeLessThan(margin);
    },
  );
});
