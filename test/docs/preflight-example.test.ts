import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { expect, it } from "vitest";
import { describeWithPython } from "../support/python.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { loadPages, repository } from "./support/markdown.ts";

const examples = join(repository, "docs/examples");

const report = {
  version: 1,
  targets: [{ findings: [{ severity: "error", message: "it is not there", remedy: "apply it" }] }],
  couldNotCheck: [{ subject: "pods", message: "slow" }],
};

describeWithPython("the examples in Python", () => {
  const [snippet = ""] = loadPages()
    .filter(({ file }) => file === "docs/preflight.md")
    .flatMap(({ blocks }) => blocks.flatMap(({ language, text }) => (language === "python" ? [text] : [])));

  /** What the snippet of docs/preflight.md does where the command ends so. */
  const runSnippet = (exitCode: number) => {
    const folder = temporaryFolder({
      "preflight.py": readFileSync(join(examples, "preflight.py"), "utf8"),
      "caller.py": `${snippet}\nprint("goes on")\n`,
      "stub.sh": `cat > /dev/null\necho '${JSON.stringify(report)}'\nexit ${exitCode}\n`,
    });
    const env = { CHARLIE_MEDIAWIKI: `sh ${folder}/stub.sh` };
    return execa("python3", ["caller.py"], { cwd: folder, env, reject: false });
  };

  it.each([
    [0, true],
    [1, false],
    [2, false],
    [3, false],
  ])("go on after a preflight that ended with %i: %j", async (exitCode, goesOn) => {
    const ended = await runSnippet(exitCode);
    expect(ended.exitCode).toBe(exitCode);
    expect(ended.stdout.endsWith("goes on")).toBe(goesOn);
  });

  it.each([
    ["preflight.py", ["eqiad", "mw-web/main"], "no preflight: "],
    ["charlie_host.py", ["apply", "eqiad"], ""],
  ])(
    "%s names the variable that helps where there is no command, and ends with 2",
    async (name, words, before) => {
      const env = { CHARLIE_MEDIAWIKI: "no-such-charlie" };
      const { exitCode, stdout, stderr } = await execa("python3", [join(examples, name), ...words], {
        ...{ env, reject: false },
      });
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
      expect(stderr).toMatch(
        new RegExp(
          `^${before}no-such-charlie cannot be run: .*: put it on PATH, or name it by the variable CHARLIE_MEDIAWIKI$`,
        ),
      );
    },
  );
});
