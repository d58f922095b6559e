import type { Recorded } from "../../support/recorded-failures.ts";
import { type ApiRequest, type Disturbance, openDisturbedApi } from "./disturbed-api.ts";
import type { EmptyCluster } from "./empty-cluster.ts";
import type { Command } from "./operator-shell.ts";

/** A way in which helmfile fails, made to be recorded. Unless it says otherwise, `toolhub/main` is deployed anew. */
export interface FailureScenario extends Pick<Recorded, "name" | "fate"> {
  /** What is done, in one sentence, for whoever reads the recording. */
  readonly done: string;
  arrange(at: EmptyCluster): Trouble | Promise<Trouble>;
}

export interface Trouble {
  /** Of the failing helmfile, and of no second one. */
  readonly env?: Readonly<Record<string, string>>;
  /** @default "toolhub" */
  readonly service?: string;
  /** @default ["-l", "name=main"] */
  readonly selector?: readonly string[];
  /** @default "sync" */
  readonly verb?: "sync" | "apply";
  /** While it runs. */
  meanwhile?(command: Command): Promise<void>;
  /** Ends the trouble, before the second try. */
  mend?(): void | Promise<void>;
}

/** How it is deployed where nothing is wrong. */
export async function deployFirst({ shell }: EmptyCluster, service = "toolhub"): Promise<void> {
  const { exitCode, stderr } = await shell.helmfile(service, ["-e", "eqiad", "-l", "name=main", "sync"]);
  if (exitCode !== 0) throw new Error(stderr);
}

/** Kubeconfigs of helm, and of what helmfile asks without it. */
export function through(kubeconfigFile: string) {
  return { env: { E2E_KUBECONFIG: kubeconfigFile, KUBECONFIG: kubeconfigFile, E2E_TIMEOUT: "30" } };
}

/** Requests that go wrong on their way. */
export async function disturbed(
  { cluster }: EmptyCluster,
  disturb: (request: ApiRequest) => Disturbance | undefined,
): Promise<Trouble> {
  const api = await openDisturbedApi(cluster, disturb);
  return { ...through(api.kubeconfigFile), mend: () => api.close() };
}

type Matcher = (request: ApiRequest) => boolean;

/** What helm asks in the course of a deployment. */
export const asks = {
  /** The first thing: whether the cluster is there. */
  version: ({ path }: ApiRequest) => path === "/version",
  /** What kinds of objects it knows. */
  discovery: ({ path }: ApiRequest) => path === "/apis",
  history: ({ method, path }: ApiRequest) => method === "GET" && path.endsWith("/secrets"),
  /** The release's record, which says pending-install or pending-upgrade. */
  record: ({ method, path }: ApiRequest) => method === "POST" && path.endsWith("/secrets"),
  /** That it is deployed now. */
  recordUpdate: ({ method, path }: ApiRequest) => method === "PUT" && path.includes("/secrets/"),
  service: ({ method, path }: ApiRequest) => method === "POST" && path.endsWith("/services"),
  deployment: ({ method, path }: ApiRequest) => method === "POST" && path.endsWith("/deployments"),
  deploymentChange: ({ method, path }: ApiRequest) => method === "PATCH" && path.includes("/deployments/"),
  /** Whether it is ready. */
  readiness: ({ method, path }: ApiRequest) => method === "GET" && path.endsWith("/replicasets"),
  removal: ({ method }: ApiRequest) => method === "DELETE",
} as const satisfies Record<string, Matcher>;

/** The requests that match go wrong, `times` often. */
export function whenever(
  matches: Matcher,
  disturbance: Disturbance,
  times = Number.POSITIVE_INFINITY,
): (request: ApiRequest) => Disturbance | undefined {
  let left = times;
  return (request) => {
    if (!matches(request) || left <= 0) return undefined;
    left -= 1;
    return disturbance;
  };
}

/** From the first match on, all goes wrong. */
export function from(
  matches: Matcher,
  disturbance: Disturbance,
): (request: ApiRequest) => Disturbance | undefined {
  let begun = false;
  return (request) => {
    begun ||= matches(request);
    return begun ? disturbance : undefined;
  };
}

/** An answer as the API server gives it. */
export function status(
  code: number,
  message: string,
  more: { readonly reason?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Disturbance {
  const { reason, headers = {} } = more;
  const body = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason, code };
  return {
    status: code,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  };
}

/** An answer of a load balancer before the API server. */
export function page(code: number, text: string): Disturbance {
  return {
    status: code,
    headers: { "content-type": "text/html" },
    body: `<html><body><h1>${code} ${text}</h1>\nNo server is available to handle this request.\n</body></html>\n`,
  };
}
