import { describe, expect, it } from "vitest";
import {
  type KilledWork,
  releasesLeftBehind,
  renderFound,
  renderLeftBehind,
} from "../../src/core/rollout/left-behind.ts";
import { plan, step } from "../support/plan.ts";

const killed: KilledWork = {
  plan: {
    ...plan([]),
    cluster: { kubeconfig: "/etc/k8s/{namespace}-{environment}.config", systemNamespaces: [] },
  },
  steps: [
    step("shop/main", [], { releases: ["shop/main"], kubeconfig: "/etc/shop.config" }),
    step("toolhub", [], { releases: ["toolhub/main", "toolhub/extra"], removesReleases: true }),
    step("odd", [], { releases: ["/odd"] }),
  ],
  commands: [
    {
      name: "mediawiki",
      gate: "none",
      steps: [],
      run: ["scap", "sync-world"],
      runDeploys: ["mw-web/main", "mw-debug/*"],
    },
  ],
  revisions: new Map([
    ["shop/main", 0],
    ["toolhub/main", 7],
  ]),
};

describe("what is killed", () => {
  it("is told by step, each release with what helm may leave of it and the command that shows it", () => {
    expect(renderLeftBehind(killed).join("\n")).toMatchInlineSnapshot(`
      "shop/main:
        shop/main: first install, so pending-install or uninstalling: helm --kubeconfig /etc/shop.config -n shop status main
      toolhub:
        toolhub/main: was at revision 7, so pending-upgrade or pending-rollback: helm --kubeconfig /etc/k8s/toolhub-eqiad.config -n toolhub status main
        toolhub/extra: pending-install, pending-upgrade, pending-rollback or uninstalling: helm --kubeconfig /etc/k8s/toolhub-eqiad.config -n toolhub status extra
        releases that do not belong here, and that it removes: uninstalling: helm --kubeconfig /etc/k8s/toolhub-eqiad.config -n toolhub list --all
      odd:
        /odd: pending-install, pending-upgrade, pending-rollback or uninstalling: helm status odd
      mediawiki:
        what scap sync-world deploys: mw-web/main, mw-debug/*"
    `);
  });

  it("leaves the releases of its steps, and those that a command deploys as far as they are named", () => {
    expect(releasesLeftBehind(killed)).toEqual([
      "shop/main",
      "toolhub/main",
      "toolhub/extra",
      "/odd",
      "mw-web/main",
    ]);
  });

  it("is told as far as it is known: a step without releases that removes some, helms of another name", () => {
    const unknown: KilledWork = {
      plan: plan([]),
      steps: [
        step("old", [], { releases: [], removesReleases: true }),
        step("two", [], { releases: ["a/x", "b/x"], removesReleases: true, helm: "helm3.17" }),
      ],
      commands: [{ name: "later", gate: "none", steps: [], run: ["sync", "all"] }],
      revisions: new Map(),
    };
    expect(renderLeftBehind(unknown).join("\n")).toMatchInlineSnapshot(`
      "old:
        releases that do not belong here, and that it removes: uninstalling: helm list --all --all-namespaces
      two:
        a/x: pending-install, pending-upgrade, pending-rollback or uninstalling: helm3.17 -n a status x
        b/x: pending-install, pending-upgrade, pending-rollback or uninstalling: helm3.17 -n b status x
        releases that do not belong here, and that it removes: uninstalling: helm3.17 -n a list --all; helm3.17 -n b list --all
      later:
        what sync all deploys: nobody here knows what it deploys"
    `);
    expect(releasesLeftBehind(unknown)).toEqual(["a/x", "b/x"]);
  });

  it("is looked at afterwards: what is in the same state stands in one line", () => {
    const found = renderFound(
      new Map([
        ["shop/main", { kind: "pending", status: "pending-install" }],
        ["toolhub/main", { kind: "deployed", revision: 7 }],
        ["toolhub/extra", { kind: "absent" }],
        ["mw-web/main", { kind: "deployed", revision: 2 }],
        ["a/main", { kind: "absent" }],
        ["b/main", { kind: "other", status: "uninstalling" }],
        ["/odd", { kind: "unknown", reason: "its namespace is not known" }],
      ]),
      killed.revisions,
    );
    expect(found).toEqual([
      "pending: shop/main (pending-install)",
      "deployed: toolhub/main (revision 7, as before), mw-web/main (revision 2)",
      "absent: toolhub/extra, a/main",
      "uninstalling: b/main",
      "could not be looked at: /odd (its namespace is not known)",
    ]);
  });
});
