import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type KubernetesObject, longAgo, pod } from "../support/kubernetes-objects.ts";
import { type BuiltCommand, buildCommand } from "./support/built-command.ts";
import { startNorth } from "./support/north.ts";
import { hasPseudoTerminal } from "./support/pseudo-terminal.ts";

vi.setConfig({ testTimeout: 30_000 });

let command: BuiltCommand;
beforeAll(async () => {
  command = await buildCommand();
});
afterAll(() => command.remove());

const variable = "STATSD_EXPORTER_PROMETHEUS_SERVICE_HOST";

/** A pod of a release that reads the variable and has died three times. */
function crashLooping(
  id: string,
  { release, createdAt }: { release: string; createdAt?: string },
): KubernetesObject {
  const terminated = { exitCode: 78, reason: "Error", startedAt: longAgo };
  return pod(id, {
    release,
    metadata: { creationTimestamp: createdAt ?? new Date(Date.now() + 60_000).toISOString() },
    spec: {
      containers: [{ name: "php", image: "php:1", env: [{ name: "STATSD", value: `$(${variable})` }] }],
    },
    status: {
      containerStatuses: [
        {
          ...{ name: "php", image: "php:1", imageID: "php:1", ready: false, restartCount: 3 },
          state: {
            waiting: { reason: "CrashLoopBackOff", message: "back-off 40s restarting failed container" },
          },
          lastState: { terminated },
        },
      ],
    },
  });
}

const prefix = "[shop north]";

describe("while a step runs", () => {
  it("what goes wrong in its namespace is told at once, and kept in its log", async () => {
    const { helmfile, kubernetes, logs, run } = await startNorth(command);
    helmfile.hold("shop_prometheus");
    const ended = run("restore", "--yes", "--skip-gate", "support");
    await helmfile.until("start shop_prometheus");
    kubernetes.setLog("shop/prometheus-1/php", "one\nPHP Fatal error: no such host\n", { previous: true });
    kubernetes.put(crashLooping("shop/prometheus-1", { release: "prometheus" }));
    const log = () => readFileSync(join(logs, "shop_prometheus.log"), "utf8");
    // While the helmfile still runs: later, helm's atomic will have removed all of it.
    await expect.poll(log, { interval: 5, timeout: 20_000 }).toContain("| PHP Fatal error: no such host\n");
    await expect.poll(log, { interval: 5, timeout: 20_000 }).toContain(variable);
    expect(log()).not.toContain("# failed");
    kubernetes.remove("Pod", "shop/prometheus-1");
    await helmfile.release("shop_prometheus", 1);
    const { stderr } = await ended;
    for (const line of [
      "pod shop/prometheus-1, container php: CrashLoopBackOff: back-off 40s restarting failed container",
      "pod shop/prometheus-1, container php: exits with 78 (Error), restarted 3 times",
      "  | PHP Fatal error: no such host",
      `shop/prometheus: reads ${variable} `,
    ]) {
      expect(log()).toContain(`# seen in the cluster: ${line}`);
      expect(stderr).toContain(`${prefix} ${line}`);
    }
    expect(log()).toMatch(/# failed\n$/);
  });

  it("pods of others and pods from before are left alone", async () => {
    const { helmfile, kubernetes, logs, run } = await startNorth(command, {
      objects: [crashLooping("kube-system/old", { release: "prometheus", createdAt: longAgo })],
    });
    helmfile.hold("shop_prometheus");
    const ended = run("restore", "--yes", "--skip-gate", "mediawiki");
    await helmfile.until("start shop_prometheus");
    kubernetes.put(
      crashLooping("shop/old-1", { release: "prometheus", createdAt: longAgo }),
      crashLooping("shop/main-1", { release: "main" }),
    );
    // Told after them, so they have been seen when it is told.
    kubernetes.put(crashLooping("shop/new-1", { release: "prometheus" }));
    const log = () => readFileSync(join(logs, "shop_prometheus.log"), "utf8");
    await expect.poll(log, { interval: 5, timeout: 20_000 }).toContain("shop/new-1");
    await helmfile.release("shop_prometheus");
    const { stderr } = await ended;
    for (const told of [log(), stderr]) expect(told).not.toMatch(/pod shop\/(main|old)-1|pod kube-system/);
  });

  it("that it cannot be watched is told once, and the step goes on", async () => {
    const { helmfile, kubernetes, logs, run } = await startNorth(command);
    helmfile.hold("shop_prometheus");
    kubernetes.answer(/^\/api\/v1\/namespaces\/shop\/(pods|events)/, {
      kind: "status",
      status: 403,
      message: "not for you",
    });
    const ended = run("restore", "--yes", "--skip-gate", "mediawiki");
    const log = () => readFileSync(join(logs, "shop_prometheus.log"), "utf8");
    await helmfile.until("start shop_prometheus");
    await expect.poll(log, { interval: 5, timeout: 20_000 }).toContain("cannot be watched");
    await helmfile.release("shop_prometheus");
    const { stderr } = await ended;
    expect(stderr).toContain("shop/prometheus succeeded");
    const told = stderr.split("\n").filter((line) => line.includes("cannot be watched"));
    expect(told).toEqual([
      expect.stringMatching(
        /\[shop north\] namespace shop: the cluster cannot be watched: .*403 Forbidden: not for you; what goes wrong may stay unseen$/,
      ),
    ]);
  });
});

describe("a step that no restart can mend", () => {
  /** MediaWiki starts in `shop` although its exporter failed, and dies of it. */
  const untilItCrashes = async (...flags: string[]) => {
    const north = await startNorth(command);
    const { helmfile, kubernetes, run } = north;
    helmfile.answer("shop_prometheus", "echo 'Error: no quota' >&2; exit 1");
    helmfile.hold("shop_main");
    const ended = run("restore", "--yes", "--with-mediawiki", "--skip-gate", "support", ...flags);
    await helmfile.until("start shop_main");
    kubernetes.put(crashLooping("shop/main-1", { release: "main" }));
    return { ...north, ended };
  };
  const cause = `shop/main: reads ${variable} `;
  const remedy = "to do: charlie-mediawiki apply --support-only -e north -s shop";

  it("is ended with --fail-fast, and the summary names the cause", async () => {
    const { helmfile, logs, ended } = await untilItCrashes("--fail-fast");
    // Nobody releases it.
    const { exitCode, stderr } = await ended;
    expect(exitCode).toBe(1);
    expect(helmfile.events()).toEqual(["start shop_main", "INT shop_main"]);
    const summary = stderr.slice(stderr.indexOf("\nfailed: shop/main: "));
    expect(summary).toContain(`\n  ${cause}`);
    expect(summary).toContain(
      "shop has no Service statsd-exporter-prometheus: shop/prometheus would provide it, and is not deployed: its step shop/prometheus failed; no restart can mend it\n",
    );
    expect(summary).toContain(remedy);
    expect(readFileSync(join(logs, "shop_main.log"), "utf8")).toContain(`# seen in the cluster: ${cause}`);
  });

  it("goes on without --fail-fast, and the summary names the cause as well", async () => {
    const { helmfile, logs, ended } = await untilItCrashes();
    const log = () => readFileSync(join(logs, "shop_main.log"), "utf8");
    await expect.poll(log, { interval: 5, timeout: 20_000 }).toContain(remedy);
    await helmfile.release("shop_main", 1);
    const { exitCode, stderr } = await ended;
    expect(exitCode).toBe(1);
    expect(helmfile.events()).toEqual(["start shop_main", "end shop_main"]);
    expect(stderr.slice(stderr.indexOf("\nfailed: shop/main: "))).toContain(`\n  ${cause}`);
  });

  it.skipIf(!hasPseudoTerminal)("is asked about below the cause: it was told long ago", async () => {
    const { helmfile, kubernetes, logs, operate } = await startNorth(command);
    helmfile.hold("shop_main");
    const flags = ["--with-mediawiki", "--skip-gate", "support"];
    helmfile.answer("shop_prometheus", "echo 'Error: no quota' >&2; exit 1");
    const { sees, types, screen } = operate("restore", ...flags);
    await sees("restore north?");
    types("y\r");
    await sees("shop/prometheus failed");
    types("n\r");
    for (const stage of ["priority", "mediawiki"]) {
      await sees(`go on with stage ${stage}`);
      types("y\r");
    }
    await helmfile.until("start shop_main");
    kubernetes.put(crashLooping("shop/main-1", { release: "main" }));
    const log = () => readFileSync(join(logs, "shop_main.log"), "utf8");
    await expect.poll(log, { interval: 5, timeout: 20_000 }).toContain(remedy);
    await helmfile.release("shop_main", 1);
    await sees("shop/main failed (exit code 1):");
    expect(screen()).toMatch(new RegExp(`\n  ${cause}.*no restart can mend it\\n +${remedy}\n`));
  });
});
