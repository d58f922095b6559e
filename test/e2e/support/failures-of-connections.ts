import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import type { EmptyCluster } from "./empty-cluster.ts";
import {
  asks,
  disturbed,
  type FailureScenario,
  from,
  type Trouble,
  through,
  whenever,
} from "./failure-scenario.ts";

/** The API server is out of reach, or is lost in the middle. */
export const connectionFailures: readonly FailureScenario[] = [
  {
    fate: "retryable",
    name: "unreachable-connection-refused",
    done: "Nobody listens at the API server's address.",
    arrange: async (at) => {
      const trouble = await listening(at, () => undefined);
      await trouble.mend?.();
      return trouble;
    },
  },
  {
    fate: "retryable",
    name: "unreachable-no-such-host",
    done: "The API server's name has no address.",
    arrange: (at) => elsewhere(at, "https://kubemaster.invalid:6443"),
  },
  {
    fate: "retryable",
    name: "unreachable-tls-handshake-timeout",
    done: "What listens at the API server's address takes connections and never says a word.",
    arrange: (at) => listening(at, () => undefined),
  },
  {
    fate: "retryable",
    name: "unreachable-eof",
    done: "What listens at the API server's address closes each connection at once.",
    arrange: (at) => listening(at, (socket) => socket.once("data", () => socket.end())),
  },
  {
    fate: "retryable",
    name: "unreachable-connection-reset",
    done: "What listens at the API server's address resets each connection.",
    arrange: (at) => listening(at, (socket) => socket.once("data", () => socket.resetAndDestroy())),
  },
  {
    fate: "retryable",
    name: "unreachable-dial-timeout",
    done: "Nobody answers at the API server's address: a program that was stopped listens there, its backlog full.",
    arrange: deaf,
  },
  {
    fate: "final",
    name: "unreachable-not-trusted",
    done: "The API server's certificate is signed by nobody whom the kubeconfig trusts.",
    arrange: (at) =>
      changed(at, (kubeconfig) =>
        kubeconfig.replace(/"certificate-authority": ".*"/, '"tls-server-name": "kubemaster"'),
      ),
  },
  {
    fate: "final",
    name: "unreachable-token-unknown",
    done: "The API server does not know the token of the kubeconfig.",
    arrange: (at) => changed(at, (kubeconfig) => kubeconfig.replace(at.cluster.token, "expired")),
  },
  {
    fate: "final",
    name: "unreachable-no-kubeconfig",
    done: "The kubeconfig is not there.",
    arrange: (at) => through(join(at.cluster.folder, "nobody.config")),
  },
  {
    fate: "final",
    name: "unreachable-plain-http",
    done: "What listens at the API server's address speaks HTTP without TLS.",
    arrange: (at) =>
      listening(at, (socket) => socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"))),
  },
  {
    fate: "retryable",
    name: "reset-before-record",
    done: "The connection is reset when helm wants to write the release's record.",
    arrange: (at) => disturbed(at, from(asks.record, "reset")),
  },
  {
    fate: "retryable",
    name: "reset-after-record",
    done: "The connection is reset when the release's record is written and the answer is on its way, and from then on.",
    arrange: (at) => disturbed(at, after(asks.record, "done-and-reset", "reset")),
  },
  {
    fate: "retryable",
    name: "reset-once-after-record",
    done: "The connection is reset once, when the release's record is written and the answer is on its way.",
    arrange: (at) => disturbed(at, whenever(asks.record, "done-and-reset", 1)),
  },
  {
    fate: "retryable",
    name: "closed-before-record",
    done: "The connection is closed when helm wants to write the release's record.",
    arrange: (at) => disturbed(at, from(asks.record, "close")),
  },
  {
    fate: "retryable",
    name: "reset-at-deployment",
    done: "All connections are reset from when helm creates the Deployment on.",
    arrange: (at) => disturbed(at, from(asks.deployment, "reset")),
  },
  {
    fate: "retryable",
    name: "reset-once-at-deployment",
    done: "The connection is reset once, when helm creates the Deployment.",
    arrange: (at) => disturbed(at, whenever(asks.deployment, "reset", 1)),
  },
  {
    fate: "retryable",
    name: "reset-once-after-deployment",
    done: "The connection is reset once, when the Deployment is created and the answer is on its way.",
    arrange: (at) => disturbed(at, whenever(asks.deployment, "done-and-reset", 1)),
  },
  {
    fate: "final",
    name: "reset-while-waiting",
    done: "All connections are reset from when helm looks whether the release is ready: it waits to its timeout (8 s).",
    arrange: async (at) => withTimeout(8, await disturbed(at, from(asks.readiness, "reset"))),
  },
  {
    fate: "retryable",
    name: "http2-cut",
    done: "An HTTP/2 connection is reset in the middle, after helm's first questions, and new ones are reset, too.",
    arrange: (at) => relayed(at, 20_000),
  },
  {
    fate: "retryable",
    name: "no-answer-to-discovery",
    done: "There is no answer when helm asks what kinds of objects the cluster knows.",
    arrange: (at) => disturbed(at, from(asks.discovery, "hang")),
  },
  {
    fate: "retryable",
    name: "answer-stops-at-discovery",
    done: "The answer stops in the middle when helm asks what kinds of objects the cluster knows.",
    arrange: (at) => disturbed(at, from(asks.discovery, "begin-and-hang")),
  },
  {
    fate: "retryable",
    name: "answer-reset-at-discovery",
    done: "The connection is reset in the middle of the answer to what kinds of objects the cluster knows.",
    arrange: (at) => disturbed(at, from(asks.discovery, "begin-and-reset")),
  },
];

function after(matches: (typeof asks)[keyof typeof asks], first: "done-and-reset", later: "reset") {
  let begun = false;
  return (request: Parameters<typeof matches>[0]) => {
    if (begun) return later;
    begun = matches(request);
    return begun ? first : undefined;
  };
}

function withTimeout(seconds: number, trouble: Trouble): Trouble {
  return { ...trouble, env: { ...trouble.env, E2E_TIMEOUT: `${seconds}` } };
}

function changed({ cluster }: EmptyCluster, change: (kubeconfig: string) => string): Trouble {
  const file = join(cluster.folder, "changed.config");
  writeFileSync(file, change(readFileSync(cluster.kubeconfigFile, "utf8")));
  return through(file);
}

function elsewhere(at: EmptyCluster, server: string): Trouble {
  return changed(at, (kubeconfig) => kubeconfig.replaceAll(at.cluster.server, server));
}

async function listening(at: EmptyCluster, onConnection: (socket: Socket) => void): Promise<Trouble> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    onConnection(socket);
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
  const close = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { ...elsewhere(at, `https://127.0.0.1:${port}`), mend: close };
}

/** Passes on so many bytes of what the API server says, on all connections together, and resets them then. */
function relayed(at: EmptyCluster, bytes: number): Promise<Trouble> {
  const target = new URL(at.cluster.server);
  let left = bytes;
  return listening(at, (inside) => {
    if (left <= 0) {
      inside.resetAndDestroy();
      return;
    }
    const outside = connect(Number(target.port), target.hostname);
    inside.on("close", () => outside.destroy());
    outside.on("error", () => inside.destroy()).on("close", () => inside.destroy());
    inside.pipe(outside);
    outside.on("data", (chunk) => {
      left -= chunk.length;
      if (left > 0) inside.write(chunk);
      else inside.resetAndDestroy();
    });
  });
}

/** The kernel answers nobody once the backlog is full. */
const deafProgram = `
import socket, time
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(0)
port = s.getsockname()[1]
held = []
for _ in range(3):
    c = socket.socket(); c.setblocking(False); c.connect_ex(("127.0.0.1", port)); held.append(c)
print(port, flush=True)
time.sleep(600)
`;

async function deaf(at: EmptyCluster): Promise<Trouble> {
  const child = spawn("python3", ["-c", deafProgram], { stdio: ["ignore", "pipe", "inherit"] });
  const port = await new Promise<string>((resolve) => {
    child.stdout.once("data", (chunk: Buffer) => resolve(`${chunk}`.trim()));
  });
  return { ...elsewhere(at, `https://127.0.0.1:${port}`), mend: () => void child.kill() };
}
