import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ShellItem, shellBlocks } from "../../src/core/explain/shell-loop.ts";
import { runs } from "../support/runs.ts";

const about = (name: string, ...lines: string[]): ShellItem => ({ name, lines });

/** What a shell prints for these, in no order. */
function printed(blocks: readonly (readonly string[])[]): string[] {
  const script = blocks.map((lines) => lines.join("\n")).join("\n");
  return execFileSync("sh", ["-c", script], { encoding: "utf8" }).split("\n").sort();
}

describe("commands for a shell", () => {
  it("become one loop where they differ only by the name of their thing", () => {
    const items = ["a-1", "b", "c.d"].map((name) =>
      about(name, `X=/etc/${name}-x.config \\`, `  run ${name}`),
    );
    expect(shellBlocks(items, { variable: "service", onFailure: true })).toEqual([
      [
        "for service in a-1 b c.d; do",
        `  X=/etc/\${service}-x.config \\`,
        `    run \${service} || echo "failed: \${service}"`,
        "done",
      ],
    ]);
  });

  it.each([
    ["there are only two of them", [about("a", "run a"), about("b", "run b")]],
    [
      "a quote would keep the variable from its value",
      ["a", "b", "c"].map((name) => about(name, `run '${name} x'`)),
    ],
    ["the shell would expand something else", ["a", "b", "c"].map((name) => about(name, `run ${name} $X`))],
    ["the name is none that a loop may list", ["*", "a b", "-x"].map((name) => about(name, `run ${name}`))],
    ["one thing has several of them", [about("a", "run a"), about("a", "run a"), about("a", "run a")]],
  ])("stay as they are where %s", (_, items) => {
    expect(shellBlocks(items, { variable: "service" })).toEqual(items.map(({ lines }) => lines));
  });

  it("list many names in rows that a page can show", () => {
    const items = Array.from({ length: 40 }, (_, at) => about(`service-${at}`, `echo service-${at}`));
    const [lines = []] = shellBlocks(items, { variable: "service" });
    expect(printed([lines])).toEqual(printed(items.map((item) => item.lines)));
    expect(lines[0]).toBe("for service in \\");
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(110);
  });

  it("do exactly what they did one by one, whatever the names are: by the shell itself", () => {
    // Names that are parts of each other and of the commands around them.
    const names = fc.constantFrom("a", "ab", "a-b", "a.b", "axb", "echo", "ns", "a/b", "name", "sync", "1");
    const form = fc.constantFrom(
      (name: string) => [`echo --file /srv/${name}/file.yaml -l ns=${name},name=main sync`],
      (name: string) => [`echo ${name} sync`],
      (name: string) => [`echo /etc/${name}-deploy.config && \\`, `echo x${name} ${name}x ${name}`],
      (name: string) => [`echo '${name} quoted'`],
    );
    const item = fc.tuple(names, form).map(([name, lines]) => about(name, ...lines(name)));
    fc.assert(
      fc.property(fc.array(item, { maxLength: 30 }), (items) => {
        const blocks = shellBlocks(items, { variable: "service", onFailure: true });
        expect(printed(blocks)).toEqual(printed(items.map(({ lines }) => lines)));
      }),
      { numRuns: runs(60) },
    );
  });
});
