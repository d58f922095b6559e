import { describe, expect, it } from "vitest";
import { resumeCommand } from "../../src/core/journal/resume-command.ts";

describe("the command that goes on with a run", () => {
  it.each([
    [["restore", "-e", "codfw", "--yes"], "restore -e codfw --yes"],
    [["restore", "-s", "shellbox*", "--resume_at", "b"], "restore -s 'shellbox*' --resume_at b"],
    [["restore", "--resume", "-e", "codfw"], "restore -e codfw"],
    [["--resume", "restore", "--fix_pending"], "restore"],
    [["restore", "--resume", "codfw-20260101T000000Z-1", "--yes"], "restore --yes"],
    [["restore", "--resume=codfw-20260101T000000Z-1", "--yes"], "restore --yes"],
    [["restore", "--events", "run.ndjson", "--yes"], "restore --yes"],
    [["restore", "--events=run.ndjson", "--yes"], "restore --yes"],
  ])("of %j is the same, with the newest run", (argv, expected) => {
    const command = `charlie-mediawiki ${expected} --resume`;
    expect(resumeCommand(argv, { fixPending: true })).toBe(`${command} --fix-pending`);
    expect(resumeCommand(argv, { fixPending: false })).toBe(command);
  });
});
