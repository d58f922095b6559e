import { describe, expect, it } from "vitest";
import type { Manifest } from "../../src/core/hooks/plugin-manifest.ts";
import type { JournalHeader } from "../../src/core/journal/journal-line.ts";
import { Refusal } from "../../src/host/settings.ts";
import { takeOver } from "../../src/host/taken-over.ts";

const run = "north-20261005T120000Z-7";

function header(argv: readonly string[], overrides: Partial<JournalHeader> = {}): JournalHeader {
  return {
    ...{ type: "journal", version: 1, run, environment: "north", time: "2026-10-05T12:00:00.000Z" },
    ...{ user: "bob", host: "here", pid: 7, tools: {} },
    ...{ argv: [...argv], cwd: "/then", ...overrides },
  };
}

const manifest: Manifest = {
  ...{ name: "shop", version: "1.0.0", apiVersion: 1, entry: "./plugin.js", hooks: {} },
  flags: [{ name: "support-only", summary: "" }],
};

function taken(argv: readonly string[], before: JournalHeader) {
  return takeOver(before, argv, { manifest, version: "1.2.3" });
}

describe("a command line that goes on with a run", () => {
  it("needs no more than the run: the verb, the environment and what decides what is deployed come from there", () => {
    const typed = ["--resume", run];
    const before = header([
      ...["apply", "-e", "n*", "--exclude=toolhub,thumbor", "--exclude", "x*", "--support_only", "-s", "a b"],
      ...["--jobs", "7", "--yes", "--skip-gate", "rest", "--log_dir", "logs", "--fail-fast", "--wait", "5"],
    ]);
    expect(taken(typed, before)).toEqual({
      argv: [
        ...[...typed, "apply", "--environment=north", "--service=a b"],
        ...["--exclude=toolhub,thumbor", "--exclude=x*", "--support-only"],
      ],
      told: [
        `as in ${run}: apply --environment north --service 'a b' --exclude toolhub,thumbor --exclude 'x*' --support-only`,
      ],
    });
  });

  it("has them before the end of the flags", () => {
    const before = header(["apply", "-e", "north", "--exclude", "x"]);
    expect(taken(["--resume", run, "--", "apply"], before).argv).toEqual([
      ...["--resume", run, "--environment=north", "--exclude=x", "--", "apply"],
    ]);
  });

  it("names the same files from another folder", () => {
    const files = ["--inventory", "i.json", "--kubeconfig=../k", "--registry", "/r", "--services_dir", "./s"];
    const before = header(["apply", "-e", "north", ...files]);
    expect(taken(["apply", "--resume", "-e", "north"], before).argv.slice(4)).toEqual([
      ...["--services-dir=/then/s", "--inventory=/then/i.json", "--kubeconfig=/k", "--registry=/r"],
    ]);
    // Below charlie's folder, wherever it is typed.
    const below = header(["apply", "-e", "north", "--services_dir", "s"]);
    expect(taken(["apply", "--resume", "-e", "north"], below).argv.slice(4)).toEqual(["--services-dir=s"]);
  });

  it("keeps what it says itself, and tells where that is something else", () => {
    const typed = ["apply", "-e", "north", "--resume", "--exclude", "toolhub", "-s", "a", "--priority", "b"];
    const before = header(["apply", "-e", "north", "--exclude", "thumbor", "-s", "a"]);
    expect(taken(typed, before)).toEqual({
      argv: typed,
      told: [
        `other than in ${run}: --exclude toolhub (there: --exclude thumbor)`,
        `other than in ${run}: --priority b (there: nothing)`,
      ],
    });
  });

  it("takes no registry from a run that was begun with another plugin", () => {
    const before = header(["apply", "-e", "north", "--plugin", "p", "--registry", "r"]);
    expect(taken(["apply", "-e", "north", "--resume"], before).argv.slice(4)).toEqual([
      ...["--plugin=/then/p", "--registry=/then/r"],
    ]);
    const other = ["apply", "-e", "north", "--resume", "--plugin", "/other"];
    expect(taken(other, before).argv).toEqual(other);
  });

  it("is about the run's environment alone where a glob matches it, and refused where it does not", () => {
    const before = header(["apply", "-e", "*"]);
    expect(taken(["apply", "-e", "n*", "--resume"], before).argv).toEqual([
      ...["apply", "--resume", "--environment=north"],
    ]);
    expect(taken(["-en*", "apply", "--resume", "--environment", "n*", "--"], before).argv).toEqual([
      ...["apply", "--resume", "--environment=north", "--"],
    ]);
    expect(() => taken(["apply", "-e", "south", "--resume", run], before)).toThrow(
      new Refusal(`${run} is a run of north, and this is about south`, 2),
    );
  });

  it("takes only the environment from a journal that does not say where its paths lead from", () => {
    const { cwd: _, ...old } = header(["apply", "-e", "n*", "--exclude", "toolhub"]);
    const { argv, told } = taken(["apply", "--resume", run], old);
    expect(argv).toEqual(["apply", "--resume", run, "--environment=north"]);
    expect(told).toEqual([
      `what ${run} was asked for is not taken over, as its journal does not say in which folder: apply -e 'n*' --exclude toolhub`,
    ]);
  });

  it("is refused where the run was begun with flags that there are not here", () => {
    expect(() => taken(["apply", "--resume", run], header(["apply", "--with-cream"]))).toThrow(
      `what ${run} was asked for cannot be read: unknown flag "--with-cream"`,
    );
  });
});
