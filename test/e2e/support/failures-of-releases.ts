import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { during } from "./during.ts";
import { chartFile, edit } from "./edit.ts";
import type { EmptyCluster } from "./empty-cluster.ts";
import {
  asks,
  deployFirst,
  disturbed,
  type FailureScenario,
  status,
  type Trouble,
  through,
  whenever,
} from "./failure-scenario.ts";
import { openGateway } from "./gateway.ts";
import type { Command, OperatorShell } from "./operator-shell.ts";

const neverReady = { E2E_NEVER_READY: "toolhub/main", E2E_TIMEOUT: "4" };

/** helm's own reasons: what it waited for did not come, or somebody else was there. */
export const releaseFailures: readonly FailureScenario[] = [
  {
    fate: "final",
    name: "timeout-atomic-install",
    done: "The release does not get ready within helm's timeout (4 s); helm removes it.",
    arrange: () => ({ env: neverReady }),
  },
  {
    fate: "final",
    name: "timeout-atomic-upgrade",
    done: "A release that was deployed does not get ready within helm's timeout (4 s); helm rolls it back.",
    arrange: (at) => deployFirst(at).then(() => ({ env: neverReady })),
  },
  {
    fate: "final",
    name: "timeout-not-atomic",
    done: "The release does not get ready within helm's timeout (4 s), and is not atomic.",
    arrange: ({ shell }) => {
      edit(join(shell.tree, "global", "defaults.yaml"), "atomic: true", "atomic: false");
      return { env: neverReady };
    },
  },
  {
    fate: "final",
    name: "timeout-then-cluster-away",
    done: "The release does not get ready within helm's timeout (4 s), and the API server is away when helm wants to remove it.",
    arrange: (at) => timedOutAway(at),
  },
  {
    fate: "final",
    name: "timeout-then-etcd-timeout",
    done: "The release does not get ready within helm's timeout (4 s), and etcd times out when helm wants to remove it.",
    arrange: async (at) => {
      const trouble = await disturbed(
        at,
        whenever(asks.removal, status(500, "etcdserver: request timed out")),
      );
      return { ...trouble, env: { ...trouble.env, ...neverReady } };
    },
  },
  {
    fate: "final",
    name: "timeout-of-hook",
    done: "A hook of the chart (a Job) does not end within helm's timeout (4 s).",
    arrange: (at) => {
      const file = chartFile(at.shell, "toolhub", "templates", "service.yaml");
      edit(file, "apiVersion: v1", `${job}\n---\napiVersion: v1`);
      return { env: { E2E_TIMEOUT: "4" } };
    },
  },
  {
    fate: "final",
    name: "release-pending",
    done: "The release was left pending-install by a helm that was killed.",
    arrange: async (at) => {
      await killed(
        at,
        at.shell.helmfile("toolhub", ["-e", "eqiad", "-l", "name=main", "sync"], {
          env: { E2E_NEVER_READY: "toolhub/main" },
        }),
      );
      return {};
    },
  },
  {
    fate: "final",
    name: "helm-killed",
    done: "helm is killed while it waits.",
    arrange: (at) => ({
      env: { E2E_NEVER_READY: "toolhub/main" },
      meanwhile: (command) => killed(at, command),
    }),
  },
  {
    fate: "final",
    name: "helm-interrupted",
    done: "helm gets SIGINT while it waits, and removes the release.",
    arrange: (at) => ({
      env: { E2E_NEVER_READY: "toolhub/main" },
      meanwhile: async (command) => {
        await untilPending(at, command);
        signalHelm(at.shell, "SIGINT");
      },
    }),
  },
  {
    fate: "final",
    name: "field-immutable",
    done: "A release that was deployed has another selector now, which cannot be changed.",
    arrange: async (at) => {
      await deployFirst(at);
      const file = chartFile(at.shell, "toolhub", "templates", "deployment.yaml");
      edit(file, "app: toolhub\n      release", "app: toolhub\n      tier: web\n      release");
      edit(file, "app: toolhub\n        release", "app: toolhub\n        tier: web\n        release");
      return {};
    },
  },
  {
    fate: "final",
    name: "one-away-one-timeout",
    done: "Of two releases of a helmfile, one does not get ready within helm's timeout (4 s), of the other etcd times out.",
    arrange: async (at) => {
      const canary = ({ method, path }: Parameters<typeof asks.version>[0]) =>
        method === "POST" && path.endsWith("/namespaces/mw-web/configmaps");
      const trouble = await disturbed(at, whenever(canary, status(500, "etcdserver: request timed out"), 1));
      return {
        ...trouble,
        service: "mw-web",
        selector: ["-l", "name=main", "-l", "name=canary"],
        env: { ...trouble.env, E2E_TIMEOUT: "4" },
      };
    },
  },
  {
    fate: "final",
    name: "two-away",
    done: "Of two releases of a helmfile, etcd times out for both: helmfile explains one of them.",
    arrange: async (at) => {
      const trouble = await disturbed(
        at,
        whenever(asks.record, status(500, "etcdserver: request timed out")),
      );
      return { ...trouble, service: "miscweb", selector: [] };
    },
  },
  {
    fate: "final",
    name: "environment-not-there",
    done: "The helmfile does not know the environment.",
    arrange: ({ shell }) => {
      edit(join(shell.servicesDir, "toolhub", "helmfile.yaml"), "  eqiad:", "  ulsfo:");
      return {};
    },
  },
];

async function timedOutAway(at: EmptyCluster): Promise<Trouble> {
  const gateway = await openGateway(at.cluster);
  let away = false;
  return {
    env: { ...through(gateway.kubeconfigFile).env, ...neverReady },
    meanwhile: async (command) => {
      await untilPending(at, command);
      await gateway.cut();
      away = true;
    },
    mend: async () => {
      if (!away) await gateway.cut();
    },
  };
}

async function killed(at: EmptyCluster, command: Command): Promise<void> {
  await untilPending(at, command);
  signalHelm(at.shell, "SIGKILL");
  await command;
}

async function untilPending({ shell }: EmptyCluster, command: Command): Promise<void> {
  await during(command, "helm waits", async () =>
    Object.values(await shell.releases()).includes("pending-install 1"),
  );
}

/** To each helm that a shell runs. */
function signalHelm({ variables }: OperatorShell, signal: "SIGINT" | "SIGKILL"): void {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const [program, verb] = read(pid, "cmdline");
    if (program !== "helm" || verb !== "upgrade") continue;
    if (read(pid, "environ").includes(`HOME=${variables.HOME}`)) process.kill(Number(pid), signal);
  }
}

function read(pid: string, what: "environ" | "cmdline"): string[] {
  try {
    return readFileSync(`/proc/${pid}/${what}`, "utf8").split("\0");
  } catch {
    // It ended in the meantime.
    return [];
  }
}

const job = `apiVersion: batch/v1
kind: Job
metadata:
  name: toolhub-migration
  annotations:
    helm.sh/hook: pre-install
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: migration
          image: docker-registry.example.org/toolhub:1`;
