import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { chartFile, edit } from "./edit.ts";
import type { EmptyCluster } from "./empty-cluster.ts";
import type { FailureScenario, Trouble } from "./failure-scenario.ts";

/** As helm's HTTP client says it. */
const refused = 'Get "https://notary.example.org/v1": dial tcp 192.0.2.9:443: connect: connection refused';

/** What is to be deployed is wrong, or is not wanted in the cluster. */
export const contentFailures: readonly FailureScenario[] = [
  {
    fate: "final",
    name: "template-error",
    done: "The chart's template asks for a value that is not there.",
    arrange: (at) => inTemplate(at, ".Values.image", ".Values.image.name"),
  },
  {
    fate: "final",
    name: "template-fails-with-words-of-the-network",
    done: "The chart's template fails with words of its own: connection refused.",
    arrange: (at) => inTemplate(at, "{{ .Values.image }}", `{{ fail ${JSON.stringify(refused)} }}`),
  },
  {
    fate: "final",
    name: "manifest-is-no-yaml",
    done: "The chart renders what is no YAML.",
    arrange: (at) => inTemplate(at, "{{ .Values.image }}", "[docker: {"),
  },
  {
    fate: "final",
    name: "manifest-has-wrong-type",
    done: "The chart renders a text where a number belongs.",
    arrange: (at) => inTemplate(at, "{{ .Values.replicas }}", "many"),
  },
  {
    fate: "final",
    name: "manifest-invalid",
    done: "The API server refuses the Deployment: its selector does not match its labels.",
    arrange: (at) => inTemplate(at, "app: toolhub\n      release", "app: hub\n      release"),
  },
  {
    fate: "final",
    name: "kind-unknown",
    done: "The chart renders a kind that the cluster does not know.",
    arrange: (at) => inTemplate(at, "kind: Deployment", "kind: Deploymint"),
  },
  {
    fate: "final",
    name: "values-file-not-there",
    done: "The helmfile names a file of values that is not there.",
    arrange: ({ shell }) => {
      edit(join(shell.servicesDir, "toolhub", "helmfile.yaml"), "general.yaml.gotmpl", "generic.yaml");
      return {};
    },
  },
  {
    fate: "final",
    name: "namespace-not-there",
    done: "The namespace is not there.",
    arrange: ({ shell }) => {
      edit(join(shell.servicesDir, "toolhub", "helmfile.yaml"), "namespace: toolhub", "namespace: tool-hub");
      return {};
    },
  },
  {
    fate: "final",
    name: "webhook-denies",
    done: "An admission webhook refuses the Deployment with words of its own: connection refused.",
    arrange: (at) => webhook(at, "answers"),
  },
  {
    fate: "retryable",
    name: "webhook-connection-refused",
    done: "The API server does not reach an admission webhook for Deployments.",
    arrange: (at) => webhook(at, "away"),
  },
  {
    fate: "retryable",
    name: "webhook-timeout",
    done: "An admission webhook for Deployments does not answer in time.",
    arrange: (at) => webhook(at, "hangs"),
  },
  {
    fate: "final",
    name: "webhook-not-trusted",
    done: "The API server does not trust the certificate of an admission webhook.",
    arrange: (at) => webhook(at, "untrusted"),
  },
  {
    fate: "final",
    name: "quota-exceeded",
    done: "The namespace has a quota of no Service.",
    arrange: quota,
  },
  {
    fate: "final",
    name: "object-of-another",
    done: "The Service is there and is none of helm's.",
    arrange: async ({ cluster }) => {
      await cluster.request("POST", "/api/v1/namespaces/toolhub/services", {
        ...{ apiVersion: "v1", kind: "Service", metadata: { name: "toolhub-main" } },
        spec: { ports: [{ port: 8080 }] },
      });
      return {};
    },
  },
  {
    fate: "final",
    name: "presync-hook-fails-with-words-of-the-network",
    done: "A hook of the helmfile fails, and prints an error as helm does for a connection.",
    arrange: ({ shell }) => {
      const words = `Error: Kubernetes cluster unreachable: ${refused}`;
      const hook = `    hooks:\n      - { events: [presync], command: sh, args: [./hook], showlogs: true }\n`;
      writeFileSync(join(shell.servicesDir, "toolhub", "hook"), `echo '${words}' >&2; exit 1\n`);
      edit(
        join(shell.servicesDir, "toolhub", "helmfile.yaml"),
        "    namespace: toolhub\n",
        `    namespace: toolhub\n${hook}`,
      );
      return {};
    },
  },
];

function inTemplate({ shell }: EmptyCluster, text: string, replacement: string): Trouble {
  edit(chartFile(shell, "toolhub", "templates", "deployment.yaml"), text, replacement);
  return {};
}

async function quota({ cluster }: EmptyCluster): Promise<Trouble> {
  const path = "/api/v1/namespaces/toolhub/resourcequotas";
  await cluster.request("POST", path, {
    ...{ apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "none" } },
    spec: { hard: { services: "0" } },
  });
  // Written by a controller; without it the API server waits for it.
  await cluster.request("PATCH", `${path}/none/status`, {
    status: { hard: { services: "0" }, used: { services: "0" } },
  });
  return { mend: async () => void (await cluster.request("DELETE", `${path}/none`)) };
}

async function webhook(
  { cluster }: EmptyCluster,
  manner: "answers" | "hangs" | "away" | "untrusted",
): Promise<Trouble> {
  const certificate = readFileSync(join(cluster.folder, "apiserver.crt"));
  const tls = { cert: certificate, key: readFileSync(join(cluster.folder, "apiserver.key")) };
  const server = createServer(tls, (request, response) => {
    if (manner === "hangs") return;
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const review = JSON.parse(Buffer.concat(chunks).toString("utf8"));
      const message = `the image is not signed: ${refused}`;
      const answer = { uid: review.request.uid, allowed: false, status: { message } };
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ apiVersion: review.apiVersion, kind: review.kind, response: answer }));
    });
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
  if (manner === "away") server.close();
  const path = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
  const trusted = manner === "untrusted" ? {} : { caBundle: certificate.toString("base64") };
  await cluster.request("POST", path, {
    ...{ apiVersion: "admissionregistration.k8s.io/v1", kind: "ValidatingWebhookConfiguration" },
    metadata: { name: "images" },
    webhooks: [
      {
        name: "images.example.org",
        clientConfig: { url: `https://127.0.0.1:${port}/check`, ...trusted },
        rules: [
          { apiGroups: ["apps"], apiVersions: ["v1"], operations: ["CREATE"], resources: ["deployments"] },
        ],
        ...{ sideEffects: "None", admissionReviewVersions: ["v1"], timeoutSeconds: 2 },
      },
    ],
  });
  // The API server learns of it by a watch.
  await new Promise((resolve) => setTimeout(resolve, 2000));
  return {
    mend: async () => {
      await cluster.request("DELETE", `${path}/images`);
      server.closeAllConnections();
      server.close();
      await new Promise((resolve) => setTimeout(resolve, 2000));
    },
  };
}
