import { describe, expect, it } from "vitest";
import { describeFailure } from "../../src/core/helmfile-output/describe-failure.ts";
import { withoutFrame } from "../../src/core/helmfile-output/helmfile-frame.ts";
import { renderFailure } from "../../src/core/view/render-failure.ts";
import { readRecordedFailures } from "../support/recorded-failures.ts";

const frame =
  /bytes?\)$|^\s*(exit status \d+|-?\d+)$|^(PATH|ARGS|ERROR|STDERR|COMBINED OUTPUT):$|^EXIT STATUS$/;

const recorded = readRecordedFailures().map((one) => [`${one.fate}/${one.name}`, one.lines] as const);

function shown(lines: readonly string[]): string[] {
  const failure = { kind: "exit", exitCode: 1, lastLines: lines } as const;
  return renderFailure("toolhub", failure, { isShort: false, log: undefined });
}

describe("of each recorded failure", () => {
  it.each(recorded)(
    "%s nothing of helmfile's frame is shown, wherever its beginning is cut off",
    (_, lines) => {
      for (const most of [lines.length, 40, 25, 12]) {
        const told = shown(lines.slice(-most)).map((line) => line.replace(/^ {2}\| /, ""));
        expect(told.filter((line) => frame.test(line))).toEqual([]);
      }
    },
  );

  it.each(recorded)("%s nothing else is left out", (_, lines) => {
    const kept = new Set(withoutFrame(lines).map((line) => line.trim()));
    const lost = lines.filter((line) => line.trim() !== "" && !kept.has(line.trim()) && !frame.test(line));
    expect(lost.filter((line) => !/^ {2}\/usr\/bin\/\w+$/.test(line))).toEqual([]);
  });
});

it("what follows a section, and is no part of it, stays", () => {
  const said = ["Error: UPGRADE FAILED: x", "  * field replicas: must be 1", "in ./helmfile.yaml: y"];
  expect(withoutFrame(["EXIT STATUS", "  1", "", ...said])).toEqual(said);
});

it("what a failure shows is what helm said, once", () => {
  const [, lines = []] = recorded.find(([name]) => name === "final/kind-unknown") ?? [];
  expect(shown(lines)).toMatchInlineSnapshot(`
    [
      "failed: toolhub: exit code 1: Error: unable to build kubernetes objects from release manifest: resource mapping not found for name: "toolhub-main" namespace: "" from "": no matches for kind "Deploymint" in version "apps/v1"",
      "  | ======================= Failed Releases =======================",
      "  | NAME   NAMESPACE   CHART                     VERSION   DURATION",
      "  | main   toolhub     ../../../charts/toolhub                   1s",
      "  | in /srv/deployment-charts/services/toolhub/helmfile.yaml: failed processing release main: command "/usr/bin/helm" exited with non-zero status:",
      "  | Release "main" does not exist. Installing it now.",
      "  | ensure CRDs are installed first",
    ]
  `);
});

it("where there is only a frame it is shown, and the reason is not its last heading", () => {
  const empty = ["ERROR:", "  exit status 1", "", "EXIT STATUS", "  1", "", "COMBINED OUTPUT:"];
  expect(withoutFrame(empty)).toEqual(empty);
  const lastLines = ["no disk is left", ...empty];
  expect(describeFailure({ kind: "exit", exitCode: 1, lastLines })).toBe("exit code 1: no disk is left");
});

it("an error that is in no other output, and how a killed helm ended, stay", () => {
  const lines = [
    "ERROR:",
    "  signal: killed",
    "",
    "STDERR:",
    "  only here",
    "",
    "COMBINED OUTPUT:",
    "  else",
  ];
  expect(withoutFrame(lines)).toEqual(["  signal: killed", "", "  only here", "", "  else"]);
  // The last line of one whose beginning is cut off.
  expect(withoutFrame(["  12", "", "EXIT STATUS", "  1", "", ...lines.slice(-2)])).toEqual([
    "  12",
    "",
    "  else",
  ]);
});

it("output that only looks like it is no frame", () => {
  const lines = [
    ...["a line", "  exit status 1", "  1", "17: things", "copied  3: a dump (5 bytes)"],
    "STDERR: no heading",
  ];
  expect(withoutFrame(lines)).toEqual(lines);
});
