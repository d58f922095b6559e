import { chmodSync, chownSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { stateFolder } from "../../src/io/state-folder.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

type Environment = Readonly<Record<string, string | undefined>>;

function refusal(env: Environment, chosen?: string): string {
  const found = stateFolder(env, chosen);
  return found.ok
    ? `none: ${found.value}`
    : found.failure.map(({ message, remedy }) => `${message}; ${remedy}`).join();
}

function modeOf(folder: string): string {
  return (statSync(folder).mode & 0o777).toString(8);
}

describe("the state folder", () => {
  it("is the chosen one, else by the XDG rules, and made for this user alone", () => {
    const home = temporaryFolder();
    const env = { HOME: home, XDG_STATE_HOME: join(home, "state") };
    const expected: [Environment, string | undefined, string][] = [
      [env, join(home, "a/b"), join(home, "a/b")],
      [env, undefined, join(home, "state/charlie-mediawiki")],
      [{ ...env, XDG_STATE_HOME: "state" }, undefined, join(home, ".local/state/charlie-mediawiki")],
    ];
    for (const [given, chosen, folder] of expected) {
      expect(stateFolder(given, chosen)).toEqual({ ok: true, value: folder });
      expect(modeOf(folder)).toBe("700");
      // It is there now.
      expect(stateFolder(given, chosen)).toEqual({ ok: true, value: folder });
    }
  });

  it("is closed to others where an earlier version left it open", () => {
    const state = temporaryFolder({ "charlie-mediawiki/logs/old.log": "" });
    chmodSync(join(state, "charlie-mediawiki"), 0o775);
    expect(stateFolder({ XDG_STATE_HOME: state }).ok).toBe(true);
    expect(modeOf(join(state, "charlie-mediawiki"))).toBe("700");
  });

  it.each([0o770, 0o707, 0o1777])("is refused where it was chosen and others may write to it: %o", (mode) => {
    const folder = temporaryFolder();
    chmodSync(folder, mode);
    expect(refusal({}, folder)).toBe(`others may write to the state folder ${folder}; chmod go-w ${folder}`);
    chmodSync(folder, 0o755);
    expect(stateFolder({}, folder).ok).toBe(true);
  });

  it("is refused where it belongs to another user", () => {
    const isRoot = process.getuid?.() === 0;
    const folder = isRoot ? temporaryFolder() : "/";
    if (isRoot) chownSync(folder, 65534, 65534);
    expect(refusal({}, folder)).toMatch(
      /belongs to another user \((\d+); you are \d+\); .*: sudo -u '#\1' charlie-mediawiki …; or name another by --state_dir$/,
    );
  });

  it("is refused where it cannot be made", () => {
    const folder = temporaryFolder({ file: "" });
    expect(refusal({}, join(folder, "file/state"))).toBe(
      `the state folder ${folder}/file/state cannot be made: not a directory; name another by --state_dir`,
    );
  });
});
