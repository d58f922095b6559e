import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { retryableFailures, retryableReason } from "../../src/core/helmfile-output/retryable-failures.ts";
import { readRecordedFailures } from "../support/recorded-failures.ts";

const recordings = readRecordedFailures();

/** helmfile's report about one release, around what helm says. */
function report(error: string, { program = "/usr/bin/helm", release = "main" } = {}): string[] {
  return [
    "======================= Failed Releases =======================",
    "NAME   NAMESPACE   CHART                     VERSION   DURATION",
    `${release}   toolhub     ../../../charts/toolhub                   0s`,
    "",
    `in services/toolhub/helmfile.yaml: failed processing release ${release}: command "${program}" exited with non-zero status:`,
    ...["", "ERROR:", "  exit status 1", "", "EXIT STATUS", "  1", ""],
    ...["STDERR:", ...error.split("\n").map((line) => `  ${line}`), ""],
    ...["COMBINED OUTPUT:", ...error.split("\n").map((line) => `  ${line}`)],
  ];
}

const refused = 'Get "https://kubemaster:6443/version": dial tcp 192.0.2.1:6443: connect: connection refused';
const unreachable = `Error: Kubernetes cluster unreachable: ${refused}`;

describe("what a second try can mend", () => {
  it.each(recordings.filter(({ fate }) => fate === "final"))("is not $name", ({ lines }) => {
    expect(retryableReason(lines)).toBeUndefined();
  });

  it("is known for every recording of such a failure, and for no reason without one", () => {
    const reasons = recordings
      .filter(({ fate }) => fate === "retryable")
      .map(({ name, lines }) => [name, retryableReason(lines)]);
    const known = retryableFailures.flatMap(({ reason, recorded }) => recorded.map((name) => [name, reason]));
    expect(Object.fromEntries(reasons)).toEqual(Object.fromEntries(known));
    expect(known).toHaveLength(reasons.length);
  });

  it("is told by the end of helmfile's output, whatever it printed before", () => {
    for (const { fate, name, lines } of recordings) {
      const reason = retryableReason([
        ...Array.from({ length: 200 }, (_, index) => `pod ${index}`),
        ...lines,
      ]);
      expect([name, reason !== undefined]).toEqual([name, fate === "retryable"]);
    }
  });

  it("leaves a release pending where the connection breaks while helm works, and stays broken", () => {
    const pending = recordings
      .filter(({ fate, header }) => fate === "retryable" && header.some((line) => line.includes(" pending-")))
      .map(({ name, header }) => `${name}: ${header.at(-2)?.replace("# leaves behind: ", "")}`);
    expect(pending).toMatchInlineSnapshot(`
      [
        "503-from-record-on: toolhub/main pending-install 1",
        "etcd-timeout-at-deployment-and-removal: toolhub/main pending-install 1",
        "reset-after-record: toolhub/main pending-install 1",
        "reset-at-deployment: toolhub/main pending-install 1",
        "reset-from-deployment-change-on: toolhub/main pending-upgrade 2",
        "reset-once-after-record: toolhub/main pending-install 1",
      ]
    `);
  });
});

describe("near misses", () => {
  it.each([
    ["words of the network that an application printed", [unreachable, "  Error: it died"]],
    ["a report that is cut off at its beginning", report(unreachable).slice(5)],
    ["a report that is cut off at its end", report(unreachable).slice(0, -2)],
    ["a report without the table of what failed", report(unreachable).slice(4)],
    ["another program with helm's words", report(unreachable, { program: "/usr/bin/curl" })],
    ["another program whose name begins as helm's", report(unreachable, { program: "/usr/bin/helmfile" })],
    [
      "an error without what it ends with",
      report(`Error: Kubernetes cluster unreachable: ${refused}, in vain`),
    ],
    ["a cluster that is unreachable for another reason", report("Error: Kubernetes cluster unreachable: no")],
    [
      "an error that is longer than helm's",
      report(`Error: ${"so ".repeat(2_000)}: etcdserver: leader changed`),
    ],
    [
      "a request that ended with helm's own timeout",
      report('Error: Get "https://kubemaster:6443/version": context deadline exceeded'),
    ],
    ["words without a request", report("Error: connection refused")],
    ["a line that helm logged before its error", report(`E1122 ${refused}\nError: no such chart`)],
    [
      "one of two causes",
      report(`Error: 2 errors occurred:\n\t* etcdserver: leader changed\n\t* no right\n\n`),
    ],
    [
      "what helm met when it cleaned up after another failure",
      report(
        `Error: an error occurred while uninstalling the release. original install error: no right: ${unreachable.slice("Error: ".length)}`,
      ),
    ],
    [
      "a failure after which the clean-up failed for good",
      report(
        `Error: an error occurred while uninstalling the release. original install error: 1 error occurred:\n\t* etcdserver: leader changed\n\n: failed to delete release: main`,
      ),
    ],
    [
      "a failure that is retryable beside one that is not",
      [...report(unreachable), ...report("Error: no chart")],
    ],
  ])("%s", (_, lines) => {
    expect(retryableReason(lines)).toBeUndefined();
  });

  it("differ from what they are near to", () => {
    // Seen, too, in place of what is recorded.
    for (const end of [
      "context deadline exceeded",
      "net/http: request canceled (Client.Timeout or context cancellation while reading body)",
    ]) {
      const asked = `Error: could not get apiVersions from Kubernetes: Get "https://kubemaster:6443/apis?timeout=32s": ${end}`;
      expect(retryableReason(report(asked))).toBe("there was no answer");
    }
    expect(retryableReason(report(unreachable))).toBe("the connection was refused");
    expect(retryableReason(report(`E1122 no such chart\n${unreachable}`))).toBe("the connection was refused");
    expect(retryableReason(report(unreachable, { program: "/usr/bin/helm3.17" }))).toBeDefined();
    const two = "Error: 2 errors occurred:\n\t* etcdserver: leader changed\n\t* etcdserver: no leader\n\n";
    expect(retryableReason(report(two))).toBe("the server's store could not answer at the moment");
  });

  it("are not made by what is forgotten of a long output: its end says the same, or nothing", () => {
    for (const { name, lines } of recordings) {
      const known = [undefined, retryableReason(lines)];
      const ends = lines.map((_, index) => retryableReason(lines.slice(index)));
      expect({ name, wrong: ends.filter((reason) => !known.includes(reason)) }).toEqual({ name, wrong: [] });
    }
  });
});

describe("any text", () => {
  const word = fc.constantFrom(
    ...[
      "Error:",
      "release",
      "main",
      "failed",
      "context",
      "deadline",
      "exceeded",
      "connection",
      "refused",
      ":",
    ],
    ...[
      "unreachable",
      "timeout",
      "server",
      "the",
      "request",
      "dial",
      "tcp",
      "EOF",
      "503",
      "etcdserver",
      "webhook",
    ],
  );

  it("of words without a whole pattern is not retryable, even as helm's own error", () => {
    const sentence = fc.array(word, { maxLength: 12 }).map((words) => words.join(" "));
    fc.assert(
      fc.property(sentence, (text) => {
        expect(retryableReason(report(`Error: ${text}`))).toBeUndefined();
      }),
    );
  });

  it("outside of a report is not retryable", () => {
    const lines = recordings
      .flatMap(({ lines }) => lines)
      .filter((line) => !line.endsWith("non-zero status:"));
    fc.assert(
      fc.property(fc.shuffledSubarray(lines), (some) => {
        expect(retryableReason(some)).toBeUndefined();
      }),
    );
  });

  it.each([
    ["one word", "a"],
    ["quotes", '"'],
    ["requests", 'Get "https://'],
    ["ends", 'an error on the server ("'],
    ["colons", ": "],
    ["lists", "\n\t* "],
    ["clean-ups", ": Kubernetes cluster unreachable: "],
    ["spaces", " "],
  ])("that goes on and on is read at once: %s", (_, piece) => {
    const long = piece.repeat(Math.ceil(400_000 / piece.length));
    const started = performance.now();
    expect(retryableReason(report(`Error: ${long}`))).toBeUndefined();
    expect(retryableReason(report(`Error: 1 error occurred:\n\t* ${long}`))).toBeUndefined();
    const cleaning = "Error: an error occurred while uninstalling the release. original install error: ";
    expect(retryableReason(report(`${cleaning}${long}`))).toBeUndefined();
    expect(
      retryableReason([`command "${long}`, long, `in ${long}: command "${long}" exited`]),
    ).toBeUndefined();
    // Quadratic time would be minutes.
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});
