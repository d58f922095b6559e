import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Daemon, startDaemon } from "./daemon.ts";
import { openKubernetesApi } from "./kubernetes-api.ts";

/** The servers of a cluster, running: etcd, kube-apiserver and kube-controller-manager. */
export interface ControlPlane {
  /** Temporary; `stop` removes it. Holds the logs and `apiserver.crt` and `.key`. */
  readonly folder: string;
  readonly server: string;
  /** Of an administrator. */
  readonly token: string;
  readonly kubeconfigFile: string;
  /** Of a user whom the cluster knows and who may do nothing. */
  readonly strangerKubeconfigFile: string;
  /**
   * Kills the API server, and the controllers, which may end without it: nobody reaches the cluster until it is started
   * again. What it knows is kept.
   */
  stopApiServer(): Promise<void>;
  /** At the same address and with the same certificate. Resolves when it is ready; does nothing where it runs. */
  startApiServer(): Promise<void>;
  stop(): Promise<void>;
}

const adminToken = "e2e-admin";
const strangerToken = "e2e-stranger";

/** @throws Error with the ends of the servers' logs if they are not ready in time. */
export async function startControlPlane(): Promise<ControlPlane> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await tryToStart();
    } catch (error) {
      // Somebody else may have taken a port between its choice and its use.
      if (attempt === 3) throw error;
      console.warn(`the cluster did not start, trying again: ${error}`);
    }
  }
}

async function tryToStart(): Promise<ControlPlane> {
  const folder = mkdtempSync(join(tmpdir(), "charlie-e2e-cluster-"));
  const [client, peer, secure] = await freePorts(3);
  const etcd = `http://127.0.0.1:${client}`;
  const server = `https://127.0.0.1:${secure}`;
  const kubeconfigFile = writeKubeconfig({ folder, server, user: "admin", token: adminToken });
  const strangerKubeconfigFile = writeKubeconfig({ folder, server, user: "stranger", token: strangerToken });
  writeCredentials(folder);

  const daemons = new Map<string, Daemon>();
  const start = (command: string, args: readonly string[]) =>
    daemons.set(command, startDaemon(command, args, join(folder, `${command}.log`)));
  const stop = async () => {
    // The controllers first and the store last: none waits for a server that is gone.
    for (const daemon of [...daemons.values()].toReversed()) await daemon.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  const startApiServer = async () => {
    if (daemons.get("kube-apiserver")?.hasExited() === false) return;
    start("kube-apiserver", apiServerArgs(folder, etcd, `${secure}`));
    await waitUntilReady(server, daemons);
    start("kube-controller-manager", controllerManagerArgs(folder, kubeconfigFile));
  };
  const stopApiServer = async () => {
    await daemons.get("kube-controller-manager")?.stop();
    daemons.delete("kube-controller-manager");
    await daemons.get("kube-apiserver")?.stop();
  };
  try {
    start("etcd", etcdArgs(folder, etcd, `http://127.0.0.1:${peer}`));
    await startApiServer();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    folder,
    server,
    token: adminToken,
    kubeconfigFile,
    strangerKubeconfigFile,
    stopApiServer,
    startApiServer,
    stop,
  };
}

function etcdArgs(folder: string, client: string, peer: string): string[] {
  return [
    "--unsafe-no-fsync",
    `--data-dir=${join(folder, "etcd")}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
  ];
}

function apiServerArgs(folder: string, etcd: string, port: string): string[] {
  return [
    `--etcd-servers=${etcd}`,
    "--bind-address=127.0.0.1",
    "--advertise-address=127.0.0.1",
    `--secure-port=${port}`,
    `--cert-dir=${folder}`,
    "--service-cluster-ip-range=10.96.0.0/16",
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${join(folder, "service-account.key")}`,
    `--service-account-signing-key-file=${join(folder, "service-account.key")}`,
    `--token-auth-file=${join(folder, "tokens.csv")}`,
    "--authorization-mode=RBAC",
    // Without it pods need no service account, which nobody here reads.
    "--disable-admission-plugins=ServiceAccount",
    "--endpoint-reconciler-type=none",
  ];
}

function controllerManagerArgs(folder: string, kubeconfigFile: string): string[] {
  return [
    `--kubeconfig=${kubeconfigFile}`,
    `--service-account-private-key-file=${join(folder, "service-account.key")}`,
    "--leader-elect=false",
    "--secure-port=0",
    // By default it may ask 20 times a second, and emptying one namespace takes it seconds.
    "--kube-api-qps=500",
    "--kube-api-burst=1000",
    "--controllers=*,-node-lifecycle-controller,-ttl-controller,-nodeipam,-route,-cloud-node-lifecycle-controller",
  ];
}

function writeCredentials(folder: string): void {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  writeFileSync(join(folder, "service-account.key"), privateKey.export({ type: "pkcs1", format: "pem" }));
  const users = `${adminToken},admin,admin,"system:masters"\n${strangerToken},stranger,stranger\n`;
  writeFileSync(join(folder, "tokens.csv"), users);
}

function writeKubeconfig(options: { folder: string; server: string; user: string; token: string }): string {
  const { folder, server, user, token } = options;
  // The API server makes its certificate at its first start.
  const cluster = { server, "certificate-authority": join(folder, "apiserver.crt") };
  const kubeconfig = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "e2e",
    clusters: [{ name: "e2e", cluster }],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: "e2e", context: { cluster: "e2e", user } }],
  };
  const file = join(folder, `${user}.config`);
  // JSON is YAML.
  writeFileSync(file, `${JSON.stringify(kubeconfig, null, 2)}\n`, { mode: 0o600 });
  return file;
}

/** Ports that are free now, all different. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listen));
  const ports = servers.map((server) => {
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
    return address.port;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function listen(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}

const patience = 60_000;

async function waitUntilReady(server: string, daemons: ReadonlyMap<string, Daemon>): Promise<void> {
  const api = openKubernetesApi(server, adminToken);
  const deadline = Date.now() + patience;
  let reason: unknown = "it was not asked";
  try {
    while (Date.now() < deadline) {
      const dead = [...daemons.values()].find((daemon) => daemon.hasExited());
      if (dead !== undefined) throw new Error(`${dead.name} has ended:\n${dead.logTail()}`);
      try {
        await api.request("GET", "/readyz");
        return;
      } catch (error) {
        reason = error;
      }
      await sleep(100);
    }
  } finally {
    api.close();
  }
  const logs = [...daemons.values()].map((daemon) => `--- ${daemon.name}\n${daemon.logTail()}`).join("\n");
  throw new Error(`the API server is not ready after ${patience / 1000} s: ${reason}\n${logs}`);
}
