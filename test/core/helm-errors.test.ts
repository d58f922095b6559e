import { describe, expect, it } from "vitest";
import { causesInReport, saysPluginFailed } from "../../src/core/helmfile-output/helm-errors.ts";

const table = [
  "======================= Failed Releases =======================",
  "NAME   NAMESPACE   CHART   VERSION   DURATION",
  "main   toolhub     c                       0s",
  "",
];

function section(stderr: string, program: string, release: string): string[] {
  const lines = stderr.split("\n").map((line) => `  ${line}`);
  return [
    `in helmfile.yaml: failed processing release ${release}: command "${program}" exited with non-zero status:`,
    ...["", "ERROR:", "  exit status 1", "", "STDERR:", ...lines, "", "COMBINED OUTPUT:", ...lines],
  ];
}

/** helmfile's report about the release `main`, of which helm says this. */
function report(stderr: string, { program = "/usr/bin/helm", before = table } = {}): string[] {
  return [...before, ...section(stderr, program, "main")];
}

const cleaning = "Error: an error occurred while uninstalling the release. original install error: ";

describe("what helm says in helmfile's report", () => {
  it.each([
    ["one error, without what helm logged before it", "E1122 odd\nError: no chart", ["no chart"]],
    ["the last error that it says", "Error: one\nError: two", ["two"]],
    ["lines of an error that goes on", "Error: one\ntwo  \n", ["one\ntwo"]],
    ["an error without what was done", "Error: INSTALLATION FAILED: no chart", ["no chart"]],
    [
      "an error without what followed from it",
      "Error: UPGRADE FAILED: release main failed, and has been rolled back due to atomic being set: no disk",
      ["no disk"],
    ],
    ["each of several", "Error: 2 errors occurred:\n\t* one\n\t* two\n\n", ["one", "two"]],
    ["a list of nothing as it stands", "Error: 1 error occurred:", ["1 error occurred:"]],
    [
      "a list under words that are not helm's as it stands",
      "Error: 2 errors occurred: so to say\n\t* one",
      ["2 errors occurred: so to say\n\t* one"],
    ],
    [
      "a list behind words that tell more as it stands",
      "Error: of pod a 2 errors occurred:\n\t* one\n\t* two",
      ["of pod a 2 errors occurred:\n\t* one\n\t* two"],
    ],
    [
      "the last attempt of several",
      'Error: Get "x": EOF - error from a previous attempt: reset',
      ['Get "x": EOF'],
    ],
    [
      "that a plugin failed only where it says nothing else",
      'Error: no chart\nError: plugin "diff" exited with error',
      ["no chart"],
    ],
    [
      "what only mentions a plugin",
      'Error: no chart: Error: plugin "diff" exited with error',
      ['no chart: Error: plugin "diff" exited with error'],
    ],
    [
      "both why it failed and why it could not be taken back",
      `${cleaning}1 error occurred:\n\t* no right\n\n: Kubernetes cluster unreachable: EOF`,
      ["no right", "Kubernetes cluster unreachable: EOF"],
    ],
    [
      "not certain where it could not be taken back for another reason",
      `${cleaning}no right: no disk`,
      undefined,
    ],
    ["not certain where it says no error", "panic: oh", undefined],
  ])("is %s", (_, stderr, causes) => {
    expect(causesInReport(report(stderr))).toEqual(causes);
  });

  it.each([
    ["helm", true],
    ["/usr/bin/helm", true],
    ["/usr/bin/helm3", true],
    ["helm3.17", true],
    ["/usr/bin/nohelm", false],
    ["/usr/bin/helm-diff", false],
    ["/usr/bin/helmfile", false],
  ])("is read of the program %s: %s", (program, isRead) => {
    expect(causesInReport(report("Error: no chart", { program }))).toEqual(isRead ? ["no chart"] : undefined);
  });

  it("is of all releases that failed, or of none", () => {
    const [title = "", head = "", row = ""] = table;
    const two = [title, head, row, row.replace("main", "next"), ""];
    const errors = (before: string[], stderrs: string[]) =>
      causesInReport([...before, ...stderrs.flatMap((stderr, at) => section(stderr, "helm", `r${at}`))]);
    expect(errors(two, ["Error: one", "Error: two"])).toEqual(["one", "two"]);
    expect(errors(two, ["Error: one", "panic: two"])).toBeUndefined();
    expect(errors(two, ["Error: one"])).toBeUndefined();
    expect(errors(table, ["Error: one", "Error: two"])).toBeUndefined();
    // Of an earlier table nothing counts.
    expect(errors([...two, ...table], ["Error: one"])).toEqual(["one"]);
  });

  it.each([
    ["there is none", []],
    ["its title is all that there is", table.slice(0, 1)],
    ["it has no head", [...table.slice(0, 1), ...table.slice(2)]],
    ["its title goes on", [`${table[0]} x`, ...table.slice(1)]],
    ["its title begins otherwise", [`x ${table[0]}`, ...table.slice(1)]],
  ])("is not certain without the table of what failed: %s", (_, before) => {
    expect(causesInReport(report("Error: no chart", { before }))).toBeUndefined();
  });

  it("needs no table where no release was worked on", () => {
    const lines = section("Error: no repository", "helm", "main");
    const [, ...rest] = lines;
    expect(causesInReport(['in h.yaml: command "helm" exited with non-zero status:', ...rest])).toEqual([
      "no repository",
    ]);
    expect(causesInReport([])).toBeUndefined();
  });
});

it("only a line that says no more than that a plugin failed says so", () => {
  const line = 'Error: plugin "diff" exited with error';
  expect([line, `x ${line}`, `${line}: no chart`].map(saysPluginFailed)).toEqual([true, false, false]);
});
