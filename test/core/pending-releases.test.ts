import { describe, expect, it } from "vitest";
import { clusterCommand } from "../../src/core/cluster/cluster-command.ts";
import type { HelmRelease } from "../../src/core/cluster/cluster-reader.ts";
import {
  isHalfDone,
  isKept,
  isMendedByUninstall,
  isPending,
  isThere,
  mayStillProvide,
} from "../../src/core/cluster/helm-status.ts";
import {
  describePending,
  mendingCommand,
  mendingWords,
  type PendingRelease,
  pendingReleases,
} from "../../src/core/rollout/pending-releases.ts";

it("each of helm's words for a status means what each question makes of it", () => {
  const words = [
    "deployed",
    "failed",
    "superseded",
    "pending-install",
    "pending-upgrade",
    "pending-rollback",
    "uninstalling",
    "uninstalled",
    "unknown",
  ];
  const said = (status: string) =>
    Object.entries({
      pending: isPending(status),
      "half done": isHalfDone(status),
      "mended by uninstall": isMendedByUninstall(status),
      there: isThere({ status }),
      kept: isKept({ status }),
      "may still provide": mayStillProvide(status),
    }).flatMap(([name, holds]) => (holds ? [name] : []));
  expect(words.map((word) => `${word}: ${said(word).join(", ")}`).join("\n")).toMatchInlineSnapshot(`
    "deployed: there, kept, may still provide
    failed: there, kept
    superseded: there, kept
    pending-install: pending, half done, mended by uninstall, kept, may still provide
    pending-upgrade: pending, half done, there, kept, may still provide
    pending-rollback: pending, half done, there, kept, may still provide
    uninstalling: half done, mended by uninstall, kept
    uninstalled: 
    unknown: there, kept, may still provide"
  `);
});

const upgrade: PendingRelease = {
  ...{ id: "shop/main", namespace: "shop", name: "main" },
  ...{ status: "pending-upgrade", revision: 8, since: Date.UTC(2026, 9, 5, 11), rollbackTo: 7 },
};

describe("a release that is half done", () => {
  it("is found among what helm has, by the ids of whoever asks", () => {
    const found = (name: string, status: string, more: Partial<HelmRelease> = {}): HelmRelease => ({
      ...{ namespace: "shop", name, status, revision: 8 },
      ...more,
    });
    const all = [
      found("main", "pending-upgrade", { createdAt: Date.UTC(2026, 9, 5, 11), fallbackRevision: 7 }),
      found("first", "pending-install"),
      found("gone", "uninstalling"),
      found("sound", "deployed"),
      found("failed", "failed"),
      found("other", "pending-upgrade"),
    ];
    const ids = ["main", "first", "gone", "sound", "failed"].map((name) => `shop/${name}`);
    expect(pendingReleases(ids, all)).toEqual([
      upgrade,
      { ...{ id: "shop/first", namespace: "shop", name: "first" }, status: "pending-install", revision: 8 },
      { ...{ id: "shop/gone", namespace: "shop", name: "gone" }, status: "uninstalling", revision: 8 },
    ]);
  });

  it("is mended by going back to where it was, or by taking away what never was there", () => {
    const { rollbackTo: _, ...nowhere } = upgrade;
    expect(mendingWords(upgrade)).toEqual(["rollback", "main", "7", "--wait"]);
    expect(mendingWords({ ...upgrade, status: "pending-rollback" })).toEqual([
      "rollback",
      "main",
      "7",
      "--wait",
    ]);
    for (const status of ["pending-install", "uninstalling"])
      for (const one of [upgrade, nowhere])
        expect(mendingWords({ ...one, status })).toEqual(["uninstall", "main", "--wait"]);
    // What is there may be in use.
    expect(mendingWords(nowhere)).toBeUndefined();
    expect(mendingCommand(nowhere, {})).toBeUndefined();
  });

  it("is mended by a command that can be run", () => {
    expect(mendingCommand(upgrade, {})).toEqual([
      ...["helm", "rollback", "main", "7", "--wait"],
      ...["--namespace", "shop"],
    ]);
    expect(mendingCommand(upgrade, { helm: "helm3.17", kubeconfig: "/etc/shop" })).toEqual([
      ...["helm3.17", "rollback", "main", "7", "--wait"],
      ...["--namespace", "shop", "--kubeconfig", "/etc/shop"],
    ]);
  });

  it("is told with since when, where that is known", () => {
    const { since: _, ...undated } = upgrade;
    expect(describePending(upgrade)).toBe("shop/main is pending-upgrade since 2026-10-05T11:00:00Z");
    expect(describePending(undated)).toBe("shop/main is pending-upgrade");
  });
});

it.each([
  ["shop", "/etc/a b", "helm --kubeconfig '/etc/a b' -n shop status main"],
  ["shop", undefined, "helm -n shop status main"],
  ["", "/etc/a", "helm --kubeconfig /etc/a status main"],
  ["", undefined, "helm status main"],
])("a command on a cluster can be typed: namespace %j, kubeconfig %j", (namespace, kubeconfig, command) => {
  expect(clusterCommand("helm", "status main", { namespace, kubeconfig })).toBe(command);
});
