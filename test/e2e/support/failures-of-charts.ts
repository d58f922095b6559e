import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { chartFile, edit } from "./edit.ts";
import type { EmptyCluster } from "./empty-cluster.ts";
import type { FailureScenario, Trouble } from "./failure-scenario.ts";

/** The chart cannot be fetched. */
export const chartFailures: readonly FailureScenario[] = [
  {
    fate: "retryable",
    name: "repository-connection-refused",
    done: "Nobody listens at the chart repository's address.",
    // Port 1 is nobody's.
    arrange: (at) => repository(at, { host: "127.0.0.1:1" }),
  },
  {
    fate: "retryable",
    name: "repository-503-at-index",
    done: "The chart repository answers with 503.",
    arrange: (at) => repository(at, { index: 503 }),
  },
  {
    fate: "retryable",
    name: "repository-502-at-index",
    done: "A load balancer before the chart repository answers with 502.",
    arrange: (at) => repository(at, { index: 502 }),
  },
  {
    fate: "retryable",
    name: "repository-429-at-index",
    done: "The chart repository answers with 429.",
    arrange: (at) => repository(at, { index: 429 }),
  },
  {
    fate: "retryable",
    name: "repository-reset-at-index",
    done: "The chart repository resets connections.",
    arrange: (at) => repository(at, { index: "reset" }),
  },
  {
    fate: "retryable",
    name: "repository-no-such-host",
    done: "The chart repository's name has no address.",
    arrange: (at) => repository(at, { host: "helm-charts.invalid" }),
  },
  {
    fate: "retryable",
    name: "repository-503-at-chart",
    done: "The chart repository gives its index, and answers with 503 when asked for the chart.",
    arrange: (at) => repository(at, { chart: 503 }),
  },
  {
    fate: "retryable",
    name: "repository-reset-at-chart",
    done: "The chart repository gives its index, and resets the connection when asked for the chart.",
    arrange: (at) => repository(at, { chart: "reset" }),
  },
  {
    fate: "final",
    name: "repository-404-at-index",
    done: "The chart repository has no index.",
    arrange: (at) => repository(at, { index: 404 }),
  },
  {
    fate: "final",
    name: "repository-401-at-index",
    done: "The chart repository wants a password.",
    arrange: (at) => repository(at, { index: 401 }),
  },
  {
    fate: "final",
    name: "repository-404-at-chart",
    done: "The chart repository gives its index, and has no such file.",
    arrange: (at) => repository(at, { chart: 404 }),
  },
  {
    fate: "final",
    name: "repository-without-chart",
    done: "The chart repository has no such chart.",
    arrange: (at) => repository(at, { asked: "tool-hub" }),
  },
  {
    fate: "retryable",
    name: "oci-connection-refused",
    done: "Nobody listens at the OCI registry's address.",
    arrange: (at) => oci(at, undefined),
  },
  {
    fate: "retryable",
    name: "oci-503",
    done: "The OCI registry answers with 503.",
    arrange: (at) => oci(at, 503),
  },
  {
    fate: "final",
    name: "oci-404",
    done: "The OCI registry has no such chart.",
    arrange: (at) => oci(at, 404),
  },
  {
    fate: "final",
    name: "chart-not-there",
    done: "The helmfile names a chart's folder that is not there.",
    arrange: (at) => chart(at, "../../../charts/tool-hub"),
  },
];

type Answer = number | "reset";

const localChart = "../../../charts/toolhub";

async function repository(
  at: EmptyCluster,
  trouble: { index?: Answer; chart?: Answer; host?: string; asked?: string },
): Promise<Trouble> {
  await at.shell.helm(["package", chartFile(at.shell, "toolhub"), "--destination", at.shell.folder]);
  const archive = readFileSync(join(at.shell.folder, "toolhub-0.1.0.tgz"));
  const index = `apiVersion: v1\nentries:\n  toolhub:\n    - { apiVersion: v2, name: toolhub, version: 0.1.0, urls: [toolhub-0.1.0.tgz] }\n`;
  let broken = true;
  const { port } = await serve((path) => {
    const answer = path.endsWith("index.yaml") ? trouble.index : trouble.chart;
    if (broken && answer !== undefined) return { answer, body: "no\n" };
    return { answer: 200, body: path.endsWith("index.yaml") ? index : archive };
  });
  const url = `http://127.0.0.1:${port}`;
  const { host, asked = "toolhub" } = trouble;
  chart(at, `wmf-stable/${asked}`);
  const file = join(at.shell.servicesDir, "toolhub", "helmfile.yaml");
  const used = host === undefined ? url : `http://${host}`;
  edit(file, "---\n", `---\nrepositories:\n  - name: wmf-stable\n    url: ${used}\n`);
  return {
    mend: () => {
      broken = false;
      if (host !== undefined) edit(file, used, url);
    },
  };
}

function oci(at: EmptyCluster, answer: number | undefined): Promise<Trouble> {
  return serve(() => ({ answer: answer ?? 503, body: "no\n" })).then(({ port, close }) => {
    if (answer === undefined) close();
    const artifact = `oci://127.0.0.1:${port}/charts/toolhub\n    version: 0.1.0`;
    chart(at, artifact);
    // There is no OCI registry that works: a second try takes the chart from its folder.
    return { mend: () => edit(join(at.shell.servicesDir, "toolhub", "helmfile.yaml"), artifact, localChart) };
  });
}

function chart(at: EmptyCluster, path: string): Trouble {
  edit(join(at.shell.servicesDir, "toolhub", "helmfile.yaml"), localChart, path);
  return {};
}

async function serve(
  answerTo: (path: string) => { answer: Answer; body: string | Buffer },
): Promise<{ port: number; close: () => void }> {
  const server = createServer((request, response) => {
    const { answer, body } = answerTo(request.url ?? "/");
    if (answer === "reset") request.socket.resetAndDestroy();
    else response.writeHead(answer).end(body);
  });
  // It keeps no test alive.
  server.unref();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
  return { port, close: () => server.close() };
}
