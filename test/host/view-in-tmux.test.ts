import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { type BuiltCommand, buildCommand, repository } from "./support/built-command.ts";
import { clusterBehind } from "./support/cluster-behind.ts";
import { controlledHelmfile } from "./support/controlled-helmfile.ts";
import { mediawikiInventory } from "./support/small-inventory.ts";

const hasTmux = spawnSync("tmux", ["-V"]).status === 0;
if (!hasTmux) console.log("SKIPPED: what stands on the screen of a terminal; there is no tmux");

let command: BuiltCommand;
beforeAll(async () => {
  command = await buildCommand();
});
afterAll(() => command.remove());

/** A command on the screen of a terminal emulator, which shows what stands there, not what was written. */
function onScreen(words: readonly string[], env: Readonly<Record<string, string>>) {
  const socket = join(temporaryFolder(), "tmux");
  const tmux = (...args: string[]) => {
    const { stdout, stderr, status } = spawnSync("tmux", ["-S", socket, ...args], { env, encoding: "utf8" });
    if (status !== 0) throw new Error(stderr);
    return stdout;
  };
  const size = ["-x", "100", "-y", "30"];
  // It stays when the command has ended.
  tmux(
    "-f",
    "/dev/null",
    "start-server",
    ";",
    "set-option",
    "-g",
    "remain-on-exit",
    "on",
    ";",
    "new-session",
    "-d",
    ...size,
    "-c",
    repository,
    "--",
    ...words,
  );
  onTestFinished(() => void tmux("kill-server"));
  const screen = () => tmux("capture-pane", "-p").trimEnd();
  return {
    screen,
    sees: async (...texts: readonly string[]) => {
      for (const text of texts) await expect.poll(screen, { timeout: 15_000, interval: 50 }).toContain(text);
    },
    types: (...keys: string[]) => void tmux("send-keys", ...keys),
    resize: (columns: number, rows: number) =>
      void tmux("resize-window", "-x", String(columns), "-y", String(rows)),
  };
}

function count(text: string, part: RegExp): number {
  return text.match(part)?.length ?? 0;
}

describe.skipIf(!hasTmux)("the screen of a terminal", { timeout: 60_000 }, () => {
  it("shows how a restore stands, also narrower, and not while a question stands or when it has ended", async () => {
    const helmfile = controlledHelmfile();
    const { registryFile } = await clusterBehind(helmfile);
    helmfile.hold("shop_prometheus");
    helmfile.answer("mw-web_prometheus", "echo upgrading; echo 'Error: no quota'; exit 1");
    const logs = join(temporaryFolder(), "logs");
    const { screen, sees, types, resize } = onScreen(
      [
        ...[process.execPath, command.program, "restore", "--registry", registryFile],
        ...["--inventory", mediawikiInventory(), "--log_dir", logs],
      ],
      { PATH: helmfile.path, HOME: temporaryFolder(), LANG: "C.UTF-8", TERM: "xterm" },
    );
    await sees(
      "restore of the cluster north:",
      "; wiped",
      "hands 2 releases to mediawiki-handoff north",
      "restore north?",
    );
    types("y", "Enter");
    await sees("mw-web/prometheus failed (exit code 1: Error: no quota):");
    await helmfile.until("start shop_prometheus");
    expect(screen()).not.toContain("──");
    types("n", "Enter");
    await sees("✖ [mw-web north] mw-web/prometheus failed", "> support", "1 running, 1 failed");
    expect(screen()).toMatch(/^running 1:\n {2}shop\/prometheus {2}\d+ s/m);
    for (const [columns, rows] of [
      [60, 30],
      [45, 20],
      [90, 25],
    ] as const) {
      resize(columns, rows);
      // Another second is another frame, for this size.
      await sees(`\n${"─".repeat(columns - 1)}\n`);
      await expect.poll(() => count(screen(), /^running 1:$/gm), { timeout: 10_000 }).toBe(1);
      expect(count(screen(), /──\n/g)).toBe(1);
    }
    await helmfile.release("shop_prometheus");
    await sees("the gate of support stays shut");
    expect(screen()).not.toContain("──");
    types("q", "Enter");
    await sees("stopped: stopped by the operator", "go on with: charlie-mediawiki --resume north-");
    expect(screen()).not.toContain("──");
  });
});
