import { Agent, request as httpsRequest } from "node:https";

/** A small client of the Kubernetes API: JSON in, JSON out. */
export interface KubernetesApi {
  /**
   * The answer's body, parsed where it is JSON, for whoever asks to check. A PATCH is a merge patch.
   * @throws ApiError if the answer's status is 400 or more.
   */
  request(method: Method, path: string, body?: unknown): Promise<unknown>;
  /** Asks for something that has no end, as a watch, and tells when something of it arrives. */
  follow(path: string, heard: () => void): Following;
  close(): void;
}

export interface Following {
  /** Resolves when nothing arrives any more, for whatever reason. */
  readonly ended: Promise<void>;
  end(): void;
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** For `catch`: takes an answer with one of these statuses for no answer. */
export function ignore(...statuses: readonly number[]): (error: unknown) => undefined {
  return (error) => {
    if (error instanceof ApiError && statuses.includes(error.status)) return undefined;
    throw error;
  };
}

export function openKubernetesApi(server: string, token: string): KubernetesApi {
  // The server makes its own certificate anew at each start; it listens on loopback only.
  const agent = new Agent({ keepAlive: true, rejectUnauthorized: false });
  return {
    request: async (method, path, body) => {
      const answer = await send({ agent, url: new URL(path, server), token, method, body });
      if (answer.status >= 400) {
        throw new ApiError(answer.status, `${method} ${path}: ${answer.status} ${answer.text.slice(0, 500)}`);
      }
      return answer.isJson ? JSON.parse(answer.text) : answer.text;
    },
    follow: (path, heard) => {
      const outgoing = httpsRequest(
        new URL(path, server),
        { agent, headers: headersWith(token) },
        (answer) => {
          answer.on("data", heard).on("error", () => undefined);
        },
      );
      const ended = new Promise<void>((resolve) => {
        outgoing.on("error", () => undefined).on("close", resolve);
      });
      outgoing.end();
      return { ended, end: () => outgoing.destroy() };
    },
    close: () => agent.destroy(),
  };
}

function headersWith(token: string) {
  return { authorization: `Bearer ${token}`, accept: "application/json" };
}

interface Request {
  readonly agent: Agent;
  readonly url: URL;
  readonly token: string;
  readonly method: Method;
  readonly body: unknown;
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly isJson: boolean;
}

function send({ agent, url, token, method, body }: Request): Promise<Answer> {
  const type = method === "PATCH" ? "application/merge-patch+json" : "application/json";
  const headers = { ...headersWith(token), "content-type": type };
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest(url, { agent, method, headers, timeout: 10_000 }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", () =>
        resolve({
          status: answer.statusCode ?? 0,
          text: Buffer.concat(chunks).toString("utf8"),
          isJson: answer.headers["content-type"]?.startsWith("application/json") ?? false,
        }),
      );
      answer.on("error", reject);
    });
    outgoing.on("timeout", () => outgoing.destroy(new Error(`${method} ${url.pathname}: no answer`)));
    outgoing.on("error", reject);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
