import { describe, expect, it } from "vitest";
import { resumeCommand } from "../../src/core/journal/resume-command.ts";

const run = "codfw-20261005T110000Z-42";

describe("the command that goes on with a run", () => {
  it.each([
    [["restore", "-e", "codfw", "--yes", "--skip-gate", "support", "--exclude", "a,b"], ""],
    [["restore", "--resume", "codfw-20260101T000000Z-1", "--events", "run.ndjson"], ""],
    [["restore", "--state-dir", "/srv/state"], "--state-dir /srv/state "],
    [["restore", "--state_dir=../a=b", "-s", "c"], "--state-dir /then/../a=b "],
    [["restore", "--state-dir", "/srv/old", "--state_dir", "/srv/new"], "--state-dir /srv/new "],
  ])("of %j says no more than the run, and where it is written down", (argv, where) => {
    expect(resumeCommand({ run, argv, cwd: "/then" })).toBe(`charlie-mediawiki ${where}--resume ${run}`);
  });

  it.each([
    [["restore", "-e", "codfw", "--yes"], "restore -e codfw"],
    [["restore", "-s", "shellbox*", "--resume_at", "b"], "restore -s 'shellbox*' --resume_at b"],
    [["restore", "--skip_gate", "support", "--not-wiped=codfw", "--not-wiped", "codfw"], "restore"],
    [["restore", "--resume", "-e", "codfw"], "restore -e codfw"],
    [["--resume", "restore", "--fix_pending"], "restore"],
    [["restore", "--resume", "codfw-20260101T000000Z-1", "--state_dir", "s"], "restore --state_dir s"],
    [["restore", "-s", "codfw-20260101T000000Z-1"], "restore -s codfw-20260101T000000Z-1"],
    [["restore", "--resume=codfw-20260101T000000Z-1", "--skip-gate=support"], "restore"],
    [["restore", "--events", "run.ndjson", "--jobs", "3"], "restore --jobs 3"],
    [["restore", "--events=run.ndjson", "--jobs", "3"], "restore --jobs 3"],
  ])("of %j, begun nobody knows where, is the same without the answers", (argv, expected) => {
    expect(resumeCommand({ run, argv })).toBe(`charlie-mediawiki ${expected} --resume ${run}`);
  });
});
