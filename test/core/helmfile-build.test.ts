import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import {
  parseHelmfileFailure,
  relativeTo,
  saysHelmIsMissing,
  saysNothingHere,
} from "../../src/core/helmfile-output/helmfile-reading-failure.ts";
import { type BuildAnswer, parseHelmfileBuild } from "../../src/core/tree/helmfile-build.ts";
import { parsePlainYaml } from "../../src/core/tree/helmfile-yaml.ts";
import { askedIn, type Question, recorded, recordedRoot, sourceOf } from "../support/recorded-helmfile.ts";
import { runs } from "../support/runs.ts";

function build(question: Question): BuildAnswer {
  return parseHelmfileBuild({ stdout: recorded(question).stdout, helmfiles: askedIn(question) });
}

/** `service: ids`, an id that is not installed in brackets. */
function summary(answer: BuildAnswer): unknown {
  if (!answer.ok) return answer.failure;
  return Object.fromEntries(
    [...answer.value].map(([service, built]) => [
      service,
      built.kind === "listed"
        ? built.releases.map(({ id, installed }) => (installed ? id : `(${id})`)).join(" ")
        : built.message,
    ]),
  );
}

function document(source: string, rest: string): string {
  return `---\n#  Source: ${source}\n\nfilepath: helmfile.yaml\n${rest}templates: {}\nrenderedvalues: {}\n`;
}

function buildOf(stdout: string, ...services: string[]): unknown {
  const helmfiles = services.map((service) => ({ service, source: sourceOf(service) }));
  return summary(parseHelmfileBuild({ stdout, helmfiles }));
}

test("the context and the limit of time of a release are known where they are set", () => {
  const releases = (more: string) =>
    document(sourceOf("a"), `releases:\n  - { chart: x/y, name: main, namespace: a${more} }\n`);
  const first = (more: string) => {
    const helmfiles = [{ service: "a", source: sourceOf("a") }];
    const answer = parseHelmfileBuild({ stdout: releases(more), helmfiles });
    const built = answer.ok ? answer.value.get("a") : undefined;
    if (built?.kind !== "listed") throw new Error(JSON.stringify(built ?? answer));
    return built.releases[0];
  };
  expect(first(", kubeContext: north, timeout: 60")).toMatchObject({ kubeContext: "north", timeout: 60 });
  const without = first(", kubeContext: '', timeout: 0");
  expect(without).not.toHaveProperty("kubeContext");
  expect(without).not.toHaveProperty("timeout");
});

describe("what real helmfile printed", () => {
  test("the releases of each service are known with all that the answer says of them", () => {
    expect(build("several")).toMatchSnapshot();
  });

  test("a service that does not define the environment is left out", () => {
    expect(Object.keys(Object(summary(build("several"))))).toEqual([
      "mw-web",
      "eventgate-main",
      "linked-artifacts",
    ]);
  });

  test("a nested helmfile belongs to the service that names it", () => {
    expect(summary(build("nested"))).toMatchObject({ miscweb: "miscweb/static miscweb/bugzilla" });
    expect(summary(build("alone"))).toEqual({ miscweb: "miscweb/static miscweb/bugzilla" });
  });

  test("a condition that does not hold makes a release not installed", () => {
    expect(summary(build("conditions"))).toEqual({
      toolhub: "toolhub/main (toolhub/spare) toolhub/deeper",
      "eventgate-main": "eventgate-main/canary eventgate-main/production",
    });
  });

  test("a release that helm would refuse makes its service unreadable, and no other", () => {
    expect(summary(build("bad-name"))).toEqual({
      "bad-name": 'its helmfile lists "bad-name/Main_$HOME": helm takes no release of that name',
      "mw-web": "mw-web/main mw-web/canary (mw-web/migration) mw-web/prometheus",
    });
  });

  test("a helmfile that failed leaves what was printed before it", () => {
    expect(summary(build("failing"))).toEqual({
      "mw-web": "mw-web/main mw-web/canary (mw-web/migration) mw-web/prometheus",
    });
    expect(parseHelmfileFailure(recorded("failing").stderr)).toEqual({
      index: 2,
      message: `in ${sourceOf("broken")}: error during helmfile.yaml.part.1 parsing: template: stringTemplate:5:32: executing "stringTemplate" at <.Values.backfill>: map has no entry for key "backfill"`,
    });
  });

  test("a service that fails alone is named by the same message", () => {
    const { message } = parseHelmfileFailure(recorded("failing").stderr);
    expect(parseHelmfileFailure(recorded("alone-failing").stderr)).toEqual({ message });
  });

  test("an environment that has nothing is told from a failure", () => {
    expect(saysNothingHere(recorded("absent"))).toBe(true);
    expect(saysNothingHere(recorded("alone-absent"))).toBe(true);
    // Another fault may speak of that, too.
    expect(saysNothingHere({ ...recorded("alone-absent"), exitCode: 1 })).toBe(false);
    expect(saysNothingHere(recorded("failing"))).toBe(false);
    expect(saysNothingHere({ exitCode: 3, stderr: "environment values file not found" })).toBe(false);
    expect(summary(build("absent"))).toEqual({});
  });
});

describe("what helmfile never printed", () => {
  test.each([
    ["nothing", ""],
    ["words", "hello\n"],
    ["another tool's YAML", "---\nreleases: []\n"],
  ])("%s is not a build", (_, stdout) => {
    expect(buildOf(stdout, "a")).toBe("not-a-build");
  });

  test("a service that is answered twice is ambiguous", () => {
    const own = document(sourceOf("a"), "");
    expect(buildOf(own + own, "a")).toBe("ambiguous");
  });

  test("a release that is listed twice makes its service unreadable", () => {
    const twice = "releases:\n  - chart: x\n    name: r\n    namespace: n\n".concat(
      "  - chart: x\n    name: r\n    namespace: n\n",
    );
    expect(buildOf(document(sourceOf("a"), twice), "a")).toEqual({
      a: "its helmfile lists the release n/r twice",
    });
  });

  test.each([
    [
      "a name that is a list",
      "releases:\n  - chart: x\n    name:\n      - r\n",
      "0.name: Invalid input: expected string, received array",
    ],
    ["a list that is a text", "releases: none\n", ": Invalid input: expected array, received string"],
    [
      "text that is not YAML",
      "releases:\n  - chart: {x\n",
      ": Invalid input: expected array, received string",
    ],
  ])("%s makes its service unreadable", (_, releases, issue) => {
    const stdout = document(sourceOf("a"), releases);
    expect(buildOf(stdout, "a")).toEqual({
      a: `helmfile printed a release that is not understood: ${issue}`,
    });
  });

  test("a namespace, a need or a chart that is none makes its service unreadable", () => {
    const messageOf = (lines: string): unknown =>
      buildOf(document(sourceOf("a"), `releases:\n  - name: r\n${lines}`), "a");
    expect(messageOf("    chart: x\n    namespace: A_b\n")).toEqual({
      a: 'its helmfile lists "A_b/r": no name of a namespace',
    });
    expect(messageOf("    chart: x\n    needs:\n      - a/-b\n")).toEqual({
      a: 'its helmfile lists "/r", which needs "a/-b": no name of a release',
    });
    expect(messageOf('    chart: "x\\e[31m"\n')).toEqual({
      a: 'its helmfile lists "/r" with a chart of control characters',
    });
  });

  test("the context of a need is left out, and a need without namespace is in the release's own", () => {
    const releases =
      "releases:\n  - chart: x\n    name: r\n    namespace: n\n    needs:\n      - ctx/m/a\n      - b\n";
    const answer = parseHelmfileBuild({
      stdout: document(sourceOf("a"), releases),
      helmfiles: [{ service: "a", source: sourceOf("a") }],
    });
    expect(answer.ok && answer.value.get("a")).toMatchObject({ releases: [{ needs: ["m/a", "n/b"] }] });
  });

  test("a condition holds where the environment's values have true there, and nowhere else", () => {
    const conditions = [
      "c.on",
      "c.off",
      "c.on.more",
      "c",
      "text.length",
      "none.on",
      "missing.on",
      "list.0",
      "",
    ];
    const releases = conditions.map(
      (condition, at) => `  - chart: x\n    name: r${at}\n    condition: "${condition}"\n`,
    );
    const values =
      'renderedvalues:\n  c:\n    on: true\n    off: "true"\n  text: words\n  none: null\n  list:\n    - a\n';
    const source = sourceOf("a");
    const installed = (rest: string) =>
      buildOf(`---\n#  Source: ${source}\n\nreleases:\n${releases.join("")}${rest}`, "a");
    expect(installed(values)).toEqual({ a: "/r0 (/r1) (/r2) (/r3) (/r4) (/r5) (/r6) (/r7) /r8" });
    expect(installed("")).toEqual({ a: "(/r0) (/r1) (/r2) (/r3) (/r4) (/r5) (/r6) (/r7) /r8" });
  });

  test.each([
    [["--kubeconfig", "/etc/a"], "/etc/a"],
    [["--debug", "--kubeconfig=/etc/a"], "/etc/a"],
    [["/etc/a", "--kube-context", "x"], undefined],
    [["--kubeconfig"], undefined],
    [["--kubeconfig", "--debug"], undefined],
    [["--kubeconfig="], undefined],
    [["--kubeconfigs", "/etc/a"], undefined],
    [[], undefined],
  ])("of helm's arguments %j the kubeconfig is %s", (args, kubeconfig) => {
    const defaults = `helmDefaults:\n  args:${args.map((arg) => `\n    - ${arg}`).join("") || " []"}\n`;
    const answer = parseHelmfileBuild({
      stdout: document(sourceOf("a"), `${defaults}releases:\n  - chart: x\n    name: r\n`),
      helmfiles: [{ service: "a", source: sourceOf("a") }],
    });
    const built = answer.ok ? answer.value.get("a") : undefined;
    if (built?.kind !== "listed") throw new Error("it is read");
    expect(built.releases.map((one) => one.kubeconfig)).toEqual([kubeconfig]);
  });

  test("what nobody needs of a document may be anything", () => {
    const releases = "releases:\n  - chart: x\n    name: r\n    values:\n      - {a\n    namespace: n\n";
    expect(buildOf(document(sourceOf("a"), `hooks: [a\n${releases}broken: {b\n`), "a")).toEqual({
      a: "n/r",
    });
  });

  test("what helm goes by may be anything where there is no release", () => {
    const stdout = document(sourceOf("a"), "helmDefaults:\n  atomic: often\nreleases: []\n");
    expect(buildOf(stdout, "a")).toEqual({});
  });

  test("lists that are not indented are read as well", () => {
    expect(
      buildOf(document(sourceOf("a"), "releases:\n- chart: x\n  name: r\n  values:\n  - a: 1\n"), "a"),
    ).toEqual({ a: "/r" });
  });
});

describe("what helmfile says when it fails", () => {
  test("warnings before the message are left out, and colours too", () => {
    const stderr =
      "WARNING: release x needs y\n\u001b[31min ./s.yaml: in .helmfiles[3]: in /a/helmfile.yaml: in .helmfiles[0]: in b.yaml: no\u001b[0m\n";
    expect(parseHelmfileFailure(stderr)).toEqual({
      index: 3,
      message: "in /a/helmfile.yaml: in .helmfiles[0]: in b.yaml: no",
    });
  });

  test("a helmfile that is not there is named by its path", () => {
    expect(parseHelmfileFailure("in /tmp/s.yaml: no matches for path: /a/helmfile.yaml\n")).toEqual({
      missing: "/a/helmfile.yaml",
      message: "no matches for path: /a/helmfile.yaml",
    });
  });

  test("what names no helmfile is kept as it is, up to a length", () => {
    expect(parseHelmfileFailure("panic: oh\n")).toEqual({ message: "panic: oh" });
    expect(parseHelmfileFailure("x".repeat(9999)).message).toHaveLength(4000);
  });

  test("that there is no helm is told from what else stands in its way", () => {
    const clue = "error determining helm version: ";
    const absent = 'exec: "helm": executable file not found in $PATH';
    expect(saysHelmIsMissing(`in x\n${clue}${absent}\n`)).toBe(true);
    for (const stderr of [
      absent,
      `in /a/helmfile.yaml: a hook failed: ${absent}`,
      clue,
      `${absent} ${clue}`,
      `${clue}permission denied\n${absent}`,
    ])
      expect([stderr, saysHelmIsMissing(stderr)]).toEqual([stderr, false]);
  });

  test("paths are shown relative to a folder, but not to the root of the file system", () => {
    expect(relativeTo(recordedRoot, `in ${sourceOf("b")}: no`)).toBe("in services/b/helmfile.yaml: no");
    expect(relativeTo("/", "in /services/b: no")).toBe("in /services/b: no");
  });
});

describe("the reader of plain YAML", () => {
  const scalar = fc.oneof(
    fc.string(),
    fc.boolean(),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(
      "",
      "null",
      "~",
      "yes",
      "1e3",
      "0x1f",
      "a: b",
      "#c",
      "- d",
      "two\nlines",
      "'q'",
      '"',
      "-x",
      "a:",
      ".5",
      "true",
    ),
    fc.constant(null),
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof({ depthSize: "small" }, scalar, fc.array(tie("tree"), { maxLength: 4 }), tie("map")),
    map: fc.dictionary(fc.stringMatching(/^[A-Za-z][\w./,-]{0,8}$/), tie("tree"), { maxKeys: 4 }),
  }));

  test("gives what the whole parser gives, whatever the text holds", () => {
    fc.assert(
      fc.property(tree, fc.boolean(), (value, indentSeq) => {
        const text = stringify(value, { indentSeq, lineWidth: 0 });
        expect(parsePlainYaml(text)).toEqual(parse(text));
      }),
      { numRuns: runs(500) },
    );
  });

  // What no value is written as: keys without a value, marks, words that mean something else.
  test.each([
    "",
    "\n\n",
    "a:\n",
    "a:\nb: 1\n",
    "a:\n  b:\nc:\n",
    "- a: 1\n  b:\n- c: 2\n",
    "- a:\n    b:\n- c\n",
    "a:\n- b\n- c:\nd: 1\n",
    "a:\n  - - b\n    - c\n",
    "a:\n  - b: 1\n    c: 2\n\n  - d\n",
    "a:\n  -\n  - b\n",
    "- - a\n",
    "a: 'it''s'\n",
    "a: b # c\n",
    "a: 0\nb: 007\nc: 1_0\nd: 12345678901234567890\n",
    "a: True\nb: NULL\nc: ~\nd: off\n",
    "b: --x\n",
    "a: http://x:80/y?z\n",
    "a: b:c\n",
    "a: |\n  b\n  c\n",
    "a: &x 1\nb: *x\n",
    "? a\n: b\n",
    "- a\n  - b\n",
    "word\n",
  ])("gives what the whole parser gives of %j", (text) => {
    expect(parsePlainYaml(text)).toEqual(parse(text, { logLevel: "error" }));
  });

  test.each([
    "a: b\n  c: d\n",
    "a:\n    b: 1\n  c: 2\n",
    "a: 1\na: 2\n",
    "- a\nb: c\n",
    "- a\nbcd: e\n",
    "a:\n  - b\n- c\n",
    "a: 1: 2\n",
    "a: [1\n",
    "a: @b\n",
    "a: 'b'c\n",
  ])("refuses %j as the whole parser does", (text) => {
    expect(() => parse(text)).toThrow();
    expect(() => parsePlainYaml(text)).toThrow();
  });
});
