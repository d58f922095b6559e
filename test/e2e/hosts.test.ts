import { expect, it } from "vitest";
import { describeWithPython } from "../support/python.ts";
import { useEmptyCluster } from "./support/empty-cluster.ts";
import { hostExample } from "./support/fixtures.ts";
import { deployedOnce, eqiad } from "./support/releases.ts";
import { describeWithTools } from "./support/tools.ts";

describeWithTools("another host", () => {
  describeWithPython("in Python", () => {
    const at = useEmptyCluster();

    it("restores what MediaWiki needs in order, by hooks, and waits for what is really there", async () => {
      const line = `python3 "$EXAMPLE" restore eqiad --support-only --exclude broken --services_dir "$E2E_TREE/services"`;
      const env = { EXAMPLE: hostExample, RELEASE_NAME: "surprise" };
      const { exitCode, stdout } = await at.shell.sh(line, { env });
      expect(exitCode).toBe(0);
      expect(await at.shell.releases()).toEqual(deployedOnce(...eqiad.support));
      const plan = await at.shell.charlie([
        ...[
          "plan",
          "--mode",
          "restore",
          "-e",
          "eqiad",
          "--support-only",
          "--exclude",
          "broken",
          "-o",
          "json",
        ],
      ]);
      const { steps } = JSON.parse(plan.stdout);
      const ran = stdout.split("\n").filter((text) => text.startsWith("$ helmfile "));
      expect(ran).toEqual(steps.map(({ args }: { args: string[] }) => `$ helmfile ${args.join(" ")}`));
    });
  });
});
