import type { ServerResponse } from "node:http";

/** How the fake API server answers where a test wants it otherwise than always. */
export type Manner =
  /** A Status object with this status. */
  | {
      readonly kind: "status";
      readonly status: number;
      readonly message?: string;
      readonly reason?: string;
      readonly details?: object;
      /** In seconds. */
      readonly retryAfter?: number;
      /** So many times, then as always. */
      readonly times?: number;
    }
  /** This text, whatever was asked. */
  | { readonly kind: "text"; readonly text: string; readonly status?: number; readonly times?: number }
  /** The answer as always, so much later. */
  | { readonly kind: "slow"; readonly ms: number; readonly times?: number }
  /** Takes the call and never answers. */
  | { readonly kind: "never"; readonly times?: number }
  /** Begins to answer, and goes no further. */
  | { readonly kind: "stall"; readonly times?: number }
  /** Closes the connection without an answer. */
  | { readonly kind: "close"; readonly times?: number }
  /** Closes it in the middle of the answer. */
  | { readonly kind: "break"; readonly times?: number };

/** Which calls are answered otherwise: the newest rule first. */
export class MannerRules {
  readonly #rules: { readonly path: string | RegExp; readonly manner: Manner; left: number }[] = [];

  /** `undefined` takes the rule of a path away. */
  set(path: string | RegExp, manner: Manner | undefined): void {
    const known = this.#rules.findIndex((rule) => `${rule.path}` === `${path}`);
    if (known >= 0) this.#rules.splice(known, 1);
    if (manner !== undefined)
      this.#rules.push({ path, manner, left: manner.times ?? Number.POSITIVE_INFINITY });
  }

  /** For one call. */
  take(call: string): Manner | undefined {
    const rule = this.#rules.findLast(({ path, left }) => left > 0 && matches(path, call));
    if (rule !== undefined) rule.left -= 1;
    return rule?.manner;
  }
}

function matches(path: string | RegExp, call: string): boolean {
  return typeof path === "string" ? call.startsWith(path) : path.test(call);
}

/** Answers in a manner that is not the usual one; `answer` is that. */
export function misbehave(manner: Manner, response: ServerResponse, answer: () => void): void {
  switch (manner.kind) {
    case "status":
      if (manner.retryAfter !== undefined) response.setHeader("retry-after", `${manner.retryAfter}`);
      sendStatus(response, manner);
      break;
    case "text":
      response.writeHead(manner.status ?? 200, { "content-type": "text/html" }).end(manner.text);
      break;
    case "slow":
      setTimeout(answer, manner.ms).unref();
      break;
    case "never":
      break;
    case "stall":
      response.writeHead(200, { "content-type": "application/json" }).write('{"kind":');
      break;
    case "close":
      response.destroy();
      break;
    case "break":
      response.writeHead(200, { "content-type": "application/json" });
      response.write('{"kind":', () => response.destroy());
      break;
  }
}

export function sendStatus(
  response: ServerResponse,
  status: Omit<Manner & { kind: "status" }, "kind">,
): void {
  const { status: code, message = "because the test said so", reason, details } = status;
  const body = {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message,
    reason,
    details,
    code,
  };
  sendJson(response, code, body);
}

export function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
