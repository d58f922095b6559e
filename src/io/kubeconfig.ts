import { readFile } from "node:fs/promises";
import type { RequestOptions } from "node:https";
import { dirname, resolve } from "node:path";
import { createSecureContext } from "node:tls";
// The whole library has 700 ms of modules. Whoever needs this file loads it when there is a call to make, and a
// bundler keeps of the library only what this class needs.
import { KubeConfig, type User } from "@kubernetes/client-node";
import type { ClusterFailure } from "../core/cluster/cluster-failure.ts";
import { plainLine } from "../core/common/plain-line.ts";
import { fail, ok, type Result } from "../core/common/result.ts";
import * as z from "../core/common/zod.ts";
import { describeFileFault, fileFaultCode } from "./file-fault.ts";
import { isTooLong, parseKubeconfigText, tooLong } from "./kubeconfig-text.ts";

/** What a kubeconfig says about its current context. */
export interface Kubeconfig {
  readonly server: URL;
  /** The server's address, without what must not be shown and without a slash at its end. */
  readonly address: string;
  /** What all paths of its API begin with; mostly empty. */
  readonly basePath: string;
  /** Whether the calls go through a proxy: then the agent of the credentials is the one that knows the way. */
  readonly proxied: boolean;
  /** For one call: certificates, and headers that say who asks. May run a program (an exec plugin). */
  readonly credentials: () => Promise<Result<RequestOptions, ClusterFailure>>;
}

/**
 * How long credentials are used again, in milliseconds: calls that begin together must not each run an exec plugin,
 * which the library does where the plugin's answer does not say how long it is valid.
 */
const freshMs = 10_000;

/** Reads a kubeconfig. What is wrong with it is told without its text, which holds secrets. */
export async function loadKubeconfig(file: string): Promise<Result<Kubeconfig, ClusterFailure>> {
  try {
    const text = await readFile(file, "utf8");
    // Before the library reads it, which knows no limit.
    if (isTooLong(text)) throw new Fault(tooLong);
    return ok(open(file, readSound(text) ?? read(file, text)));
  } catch (error) {
    return fail(invalid(file, error));
  }
}

/** Only thrown inside this module. */
class Fault extends Error {}

const fileSchema = z.object({
  "current-context": z.string("it has no current-context").check(z.minLength(1, "it has no current-context")),
  contexts: z.nullish(
    z.array(
      z.object({ name: z.string(), context: z.object({ cluster: z.string(), user: z.nullish(z.string()) }) }),
    ),
  ),
  clusters: z.nullish(z.array(z.object({ name: z.string(), cluster: z.object({ server: z.string() }) }))),
  users: z.nullish(
    z.array(z.object({ name: z.string(), user: z.nullish(z.object({ tokenFile: z.nullish(z.string()) })) })),
  ),
});

interface Content {
  readonly text: string;
  readonly cluster: string;
  readonly server: URL;
  readonly user: string | undefined;
  readonly tokenFile: string | undefined;
}

/**
 * What the library makes of a sound file; undefined where anything is missing, for the slower reading below to say what.
 * A preflight reads a kubeconfig for each namespace.
 */
function readSound(text: string): Content | undefined {
  // The library does not know this key.
  if (text.includes("tokenFile")) return undefined;
  const whole = new KubeConfig();
  try {
    whole.loadFromString(text);
  } catch {
    return undefined;
  }
  const context = whole.getContextObject(whole.getCurrentContext());
  const cluster = whole.getCurrentCluster();
  const user = whole.getCurrentUser();
  if (!context || !cluster || !user || typeof cluster.server !== "string") return undefined;
  return {
    text,
    cluster: context.cluster,
    server: serverOf(cluster.server),
    user: user.name,
    tokenFile: undefined,
  };
}

function read(file: string, text: string): Content {
  const content = parseKubeconfigText(text);
  if (!content.ok) throw new Fault(content.failure);
  const parsed = z.safeParse(fileSchema, content.value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Fault(`${issue?.path.join(".") || "it"}: ${issue?.message}`);
  }
  const { "current-context": name, contexts, clusters, users } = parsed.data;
  const context = contexts?.find((entry) => entry.name === name)?.context;
  if (context === undefined) throw new Fault(`it has no context ${name}, which is its current-context`);
  const cluster = clusters?.find((entry) => entry.name === context.cluster)?.cluster;
  if (cluster === undefined) throw new Fault(`it has no cluster ${context.cluster}, which its context names`);
  const user = users?.find((entry) => entry.name === context.user);
  if (user === undefined && context.user) {
    throw new Fault(`it has no user ${context.user}, which its context names`);
  }
  const { tokenFile } = user?.user ?? {};
  return {
    text,
    cluster: context.cluster,
    server: serverOf(cluster.server),
    user: user?.name,
    tokenFile: tokenFile ? resolve(dirname(file), tokenFile) : undefined,
  };
}

function serverOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "https:" && url?.protocol !== "http:")
    throw new Fault("its server is no https: address");
  return url;
}

function open(file: string, content: Content): Kubeconfig {
  const whole = new KubeConfig();
  whole.loadFromString(content.text);
  whole.makePathsAbsolute(dirname(file));
  const cluster = whole.getCluster(content.cluster);
  if (cluster === null) throw new Fault(`it has no cluster ${content.cluster}`);
  if (content.server.protocol === "http:" && !cluster.skipTLSVerify) {
    throw new Fault("its server is an http: address, and it does not say insecure-skip-tls-verify: true");
  }
  const basePath = content.server.pathname.replace(/\/$/, "");
  const current = new KubeConfig();
  // With a user in any case: where there is none, the library leaves the cluster's certificates out too.
  current.loadFromClusterAndUser(cluster, userOf(whole, content));
  let kept:
    | { readonly at: number; readonly given: Promise<Result<RequestOptions, ClusterFailure>> }
    | undefined;
  return {
    server: content.server,
    address: `${content.server.origin}${basePath}`,
    basePath,
    proxied: cluster.proxyUrl !== undefined,
    credentials: () => {
      if (kept !== undefined && performance.now() - kept.at < freshMs) return kept.given;
      const given = credentialsOf(file, current);
      kept = { at: performance.now(), given };
      void given.then(({ ok }) => {
        if (!ok) kept = undefined;
      });
      return given;
    },
  };
}

function userOf(whole: KubeConfig, { user, tokenFile }: Content): User {
  const found = (user === undefined ? null : whole.getUser(user)) ?? { name: "nobody" };
  if (tokenFile === undefined) return found;
  // The library reads token files, and does not know kubectl's word for them.
  const { token: _, ...rest } = found;
  return { ...rest, authProvider: { name: "tokenFile", config: { tokenFile } } };
}

async function credentialsOf(
  file: string,
  config: KubeConfig,
): Promise<Result<RequestOptions, ClusterFailure>> {
  try {
    const options: RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    checkCertificates(options);
    return ok({ ...options, headers: trimmed(options.headers) });
  } catch (error) {
    return fail(invalid(file, error, config.getCurrentUser()?.exec?.command));
  }
}

/** Else a broken one is thrown later, where a waiting call gets its connection and nobody catches it. */
function checkCertificates({ ca, cert, key }: RequestOptions): void {
  createSecureContext({ ca, cert, key });
  // Node takes one without a certificate, and then trusts no server.
  if (ca && !`${ca}`.includes("-----BEGIN "))
    throw new Fault("its certificate authority is no PEM certificate");
}

/** A file with a token mostly ends with a line end, which no header may hold. */
function trimmed(headers: RequestOptions["headers"]): Record<string, string> {
  return Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, `${value}`.trim()]));
}

function invalid(file: string, error: unknown, plugin?: unknown): ClusterFailure {
  const reason = describe(error);
  const by = plugin === undefined ? "" : `its exec plugin ${plugin} fails: `;
  return {
    kind: "invalid-kubeconfig",
    message: plainLine(`the kubeconfig ${file} cannot be used: ${by}${reason}`),
  };
}

function describe(error: unknown): string {
  if (fileFaultCode(error)?.startsWith("E")) return fileFault(error);
  // These quote what they could not read, which may be a token.
  if (error instanceof SyntaxError) return "an answer that is no JSON";
  return error instanceof Error && error.message !== "" ? error.message : "for no reason given";
}

function fileFault(error: unknown): string {
  const path =
    error instanceof Error && "path" in error && typeof error.path === "string" ? `${error.path}: ` : "";
  return `${path}${describeFileFault(error)}`;
}
