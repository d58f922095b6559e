import { afterEach, beforeEach, expect, it } from "vitest";
import { type OperatorShell, openOperatorShell } from "./support/operator-shell.ts";
import { describeWithTools } from "./support/tools.ts";

describeWithTools("explain", () => {
  let shell: OperatorShell;
  beforeEach(() => {
    shell = openOperatorShell();
  });
  afterEach(() => shell.close());

  it("of a release tells each environment, and where else it belongs to", async () => {
    const { exitCode, stdout } = await shell.charlie(["explain", "mw-debug/prometheus"]);
    expect(exitCode).toBe(0);
    const lines = stdout.split("\n").filter((line) => /^(mw-debug| {2}(belongs|stage|left out))/.test(line));
    expect(lines).toEqual([
      "mw-debug/prometheus in codfw, for a restore",
      "  belongs to codfw: yes; it belongs to eqiad",
      "  stage: support (2 of 5), with a gate behind it",
      "mw-debug/prometheus in eqiad, for a restore",
      "  belongs to eqiad: yes; it belongs to codfw",
      "  stage: support (2 of 5), with a gate behind it",
      "mw-debug/prometheus in staging, for a restore",
      "  belongs to staging: no; it belongs to codfw, eqiad",
      "  left out: not installed in staging",
    ]);
  });

  it("of a release that one environment lacks says which ones its helmfile names", async () => {
    const { exitCode, stdout } = await shell.charlie(["explain", "shop/main", "-e", "staging"]);
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: "the service shop has nothing in staging; its helmfile names codfw, eqiad",
    });
  });
});
