import { expect, it } from "vitest";
import { chartFile, edit } from "./support/edit.ts";
import { useEmptyCluster } from "./support/empty-cluster.ts";
import type { Kubelet } from "./support/kubelet.ts";
import type { OperatorShell } from "./support/operator-shell.ts";
import { deployedOnce, eqiad } from "./support/releases.ts";
import { outcomesIn } from "./support/summary.ts";
import { describeWithTools } from "./support/tools.ts";

describeWithTools("diff and apply, with a stand-in for helm-diff", () => {
  const at = useEmptyCluster({
    services: ["broken", "eventgate-main", "miscweb", "mw-debug", "mw-script", "toolhub"],
  });

  const services = ["eventgate-main", "miscweb", "mw-debug", "toolhub"].flatMap((service) => ["-s", service]);

  const apply = (...args: readonly string[]) =>
    at.shell.charlie(["apply", "-e", "eqiad", "--yes", "-o", "json", ...args]);

  it("apply deploys what is new and then what changed, and leaves MediaWiki alone", async () => {
    const withMediawiki = await apply("--with-mediawiki", "-s", "mw-debug");
    expect(withMediawiki.exitCode).toBe(0);
    expect(started(at.kubelet)).toEqual(["mw-debug/prometheus", "mw-debug/pinkunicorn"]);
    const mediawiki = deployedOnce("mw-debug/prometheus", "mw-debug/pinkunicorn");
    expect(await at.shell.releases()).toEqual(mediawiki);

    // A change of MediaWiki too: it is scap's to deploy.
    changeChart(at.shell, "mediawiki");
    const shown = await at.shell.charlie(["diff", "-e", "eqiad", ...services]);
    expect(shown.exitCode).toBe(0);
    expect(shown.stdout).toMatchInlineSnapshot(`
      "[eventgate-main eqiad] eventgate-main:
      Comparing release=canary, chart=../../../charts/eventgate, namespace=eventgate-main
      eventgate-main, canary has been added:
      + eventgate/templates/service.yaml
      + eventgate/templates/deployment.yaml

      Comparing release=production, chart=../../../charts/eventgate, namespace=eventgate-main
      eventgate-main, production has been added:
      + eventgate/templates/service.yaml
      + eventgate/templates/deployment.yaml


      [miscweb eqiad] miscweb:
      Comparing release=annualreport, chart=../../../charts/miscweb, namespace=miscweb
      miscweb, annualreport has been added:
      + miscweb/templates/service.yaml
      + miscweb/templates/deployment.yaml

      Comparing release=bugzilla, chart=../../../charts/miscweb, namespace=miscweb
      miscweb, bugzilla has been added:
      + miscweb/templates/service.yaml
      + miscweb/templates/deployment.yaml


      [toolhub eqiad] toolhub:
      Comparing release=main, chart=../../../charts/toolhub, namespace=toolhub
      toolhub, main has been added:
      + toolhub/templates/service.yaml
      + toolhub/templates/deployment.yaml


      4 steps: 3 changed, 1 unchanged, 0 failed"
    `);
    expect(await at.shell.releases()).toEqual(mediawiki);

    const first = await apply(...services);
    expect(first.exitCode).toBe(0);
    expect(outcomesIn(first.stdout)).toEqual({
      "eventgate-main": "succeeded",
      miscweb: "succeeded",
      "mw-debug/prometheus": "skipped",
      toolhub: "succeeded",
    });
    const others = eqiad.other.filter((release) => /^(eventgate-main|miscweb|toolhub)\//.test(release));
    expect(await at.shell.releases()).toEqual({ ...mediawiki, ...deployedOnce(...others) });
    // production needs canary
    const eventgate = at.kubelet.history.filter(({ namespace }) => namespace === "eventgate-main");
    expect(eventgate.map(({ kind, release }) => `${kind} ${release}`)).toEqual([
      "started canary",
      "ready canary",
      "started production",
      "ready production",
    ]);

    changeChart(at.shell, "toolhub");
    // One that cannot be read does not hold up the others; that it is missing shows in the exit code.
    const second = await apply("-s", "toolhub", "-s", "broken");
    expect(second.exitCode).toBe(1);
    expect(second.stderr).toContain(
      "warning: the service broken could not be read: in services/broken/helmfile.yaml",
    );
    const changed = { ...mediawiki, ...deployedOnce(...others), "toolhub/main": "deployed 2" };
    expect(await at.shell.releases()).toEqual(changed);

    const third = await apply(...services);
    expect(third.exitCode).toBe(0);
    expect(outcomesIn(third.stdout)).toEqual({
      "eventgate-main": "skipped",
      "mw-debug/prometheus": "skipped",
      // Their helmfiles list releases that do not belong here: a diff does not show everything that is removed.
      miscweb: "succeeded",
      toolhub: "succeeded",
    });
    expect(third.stderr).toContain("[mw-debug eqiad] mw-debug/prometheus skipped: no change");
    expect(await at.shell.releases()).toEqual(changed);
    expect(at.shell.handoffLog()).toEqual([]);
  });

  it("apply --support-only deploys exactly the support releases, whatever RELEASE_NAME is in the shell", async () => {
    const args = ["--support-only", "-e", "eqiad", "--exclude", "broken"];
    const env = { RELEASE_NAME: "surprise" };
    const { exitCode } = await at.shell.charlie(["apply", "--yes", ...args], { env });
    expect(exitCode).toBe(0);
    const support = eqiad.support.filter((release) => /^mw-(debug|script)\//.test(release));
    expect(await at.shell.releases()).toEqual(deployedOnce(...support));
    expect(at.shell.salLog()).toEqual([
      "charlie-mediawiki apply [eqiad] 3 releases: START",
      "charlie-mediawiki apply [eqiad] 3 releases: DONE: 3 steps succeeded",
    ]);
    const plan = await at.shell.charlie(["plan", ...args, "-o", "json"]);
    expect((await at.shell.charlie(["plan", ...args, "-o", "json"], { env })).stdout).toBe(plan.stdout);
  });

  it("diff of several environments writes one JSON document per line, and deploys nothing", async () => {
    const { exitCode, stdout } = await at.shell.charlie(["diff", "-e", "*", "-s", "toolhub", "-o", "json"]);
    expect(exitCode).toBe(0);
    const documents = stdout.split("\n").map((line) => JSON.parse(line));
    expect(documents).toMatchObject([
      { environment: "codfw", steps: [{ id: "toolhub", releases: ["toolhub/main"], diff: "changed" }] },
      { environment: "eqiad", steps: [{ id: "toolhub", releases: ["toolhub/main"], diff: "changed" }] },
      { environment: "staging", steps: [{ id: "toolhub", releases: ["toolhub/staging"], diff: "changed" }] },
    ]);
    expect(await at.shell.releases()).toEqual({});
  });
});

/** Gives the chart another image. */
function changeChart(shell: OperatorShell, chart: string): void {
  const image = `image: docker-registry.example.org/${chart}:`;
  edit(chartFile(shell, chart, "values.yaml"), `${image}1`, `${image}2`);
}

function started({ history }: Kubelet): string[] {
  return history
    .filter(({ kind }) => kind === "started")
    .map(({ namespace, release }) => `${namespace}/${release}`);
}
