import { expect, it } from "vitest";
import { plainBlocks } from "../support/plain-commands.ts";
import { useEmptyCluster } from "./support/empty-cluster.ts";
import { deployedOnce, eqiad } from "./support/releases.ts";
import { describeWithTools } from "./support/tools.ts";

describeWithTools("the plain commands of a runbook", () => {
  const services = ["eventgate-main", "mw-cron", "mw-debug", "mw-mcrouter", "mw-web", "shop", "toolhub"];
  const at = useEmptyCluster({ services: ["broken", ...services] });
  const here = (releases: readonly string[]) =>
    releases.filter((release) => services.some((service) => release.startsWith(`${service}/`)));

  const runbook = async (flags: readonly string[] = []): Promise<string> => {
    const { exitCode, stdout } = await at.shell.charlie(["runbook", "-e", "eqiad", ...flags]);
    expect(exitCode).toBe(0);
    return stdout;
  };

  /** Types one after the other; nothing of it may fail. What the operator's shell has besides must not matter. */
  const type = async (blocks: readonly string[], env: Record<string, string> = {}): Promise<void> => {
    for (const block of blocks) {
      const { exitCode, stdout, stderr } = await at.shell.sh(block, { env });
      expect({ exitCode, failed: stdout.match(/^failed: .*/m)?.[0], stderr }).toMatchObject({ exitCode: 0 });
      expect(stdout).not.toMatch(/^failed: /m);
    }
  };

  /** From here on: what started and what was ready, in order. */
  const watchKubelet = () => {
    const from = at.kubelet.history.length;
    return () =>
      at.kubelet.history.slice(from).map(({ kind, namespace, release }) => `${kind} ${namespace}/${release}`);
  };

  it("bring about what restore brings about, and with the command at the end all of MediaWiki", async () => {
    const history = watchKubelet();
    const text = await runbook();
    const unset = /^unset .*$/gm;
    const taken = [...text.matchAll(unset)].map(([line]) => line).join("\n");
    const blocks = plainBlocks(text).map((block) => `${taken}\n${block}`);
    await type(blocks, { RELEASE_NAME: "surprise" });
    const before = [...here(eqiad.support), ...here(eqiad.other)];
    expect(await at.shell.releases()).toEqual(deployedOnce(...before));
    expect(history().slice(0, 2)).toEqual(["started mw-mcrouter/main", "ready mw-mcrouter/main"]);
    expect(at.shell.salLog()).toEqual([]);

    const [handOff] = text.match(/^mediawiki-handoff .*$/m) ?? [];
    await type([handOff ?? "there is no command"]);
    expect(await at.shell.releases()).toEqual(deployedOnce(...before, ...here(eqiad.mediawiki)));
    expect(history().filter((event) => event.startsWith("crashed"))).toEqual([]);
  });

  it("deploy MediaWiki itself where the runbook says so, in the order in which restore does", async () => {
    const flags = ["--with-mediawiki", "-s", "mw-web", "-s", "mw-cron"];
    const byHand = watchKubelet();
    await type(plainBlocks(await runbook(flags)));
    // As after a restore with these flags: restore.test.ts, and api-away.test.ts for mw-cron.
    expect(await at.shell.releases()).toEqual(
      deployedOnce(
        ...["mw-cron/mediawiki-common", "mw-cron/prometheus", "mw-cron/main"],
        ...["mw-web/prometheus", "mw-web/canary", "mw-web/main"],
      ),
    );
    const order = byHand();
    const ready = (release: string) => order.indexOf(`ready ${release}`);
    const started = (release: string) => order.indexOf(`started ${release}`);
    for (const [first, second] of [
      ["mw-web/prometheus", "mw-web/canary"],
      ["mw-web/canary", "mw-web/main"],
      ["mw-cron/prometheus", "mw-cron/main"],
    ] as const) {
      expect(ready(first)).toBeGreaterThan(-1);
      expect(started(second)).toBeGreaterThan(ready(first));
    }
    expect(order.filter((event) => event.startsWith("crashed"))).toEqual([]);
  });

  it("say what failed, go on with the rest, and begin nothing that waits for it", async () => {
    const blocks = plainBlocks(await runbook(["--with-mediawiki", "-s", "mw-web", "-s", "toolhub"]));
    const ended = [];
    for (const block of blocks) {
      const env = { E2E_NEVER_READY: "mw-web/canary", E2E_TIMEOUT: "3" };
      ended.push((await at.shell.sh(block, { env })).exitCode === 0);
    }
    expect(ended).toEqual([true, true, false]);
    expect(Object.keys(await at.shell.releases())).not.toContain("mw-web/main");
  });
});
