import { STATUS_CODES } from "node:http";
import type { ClusterFailure } from "../core/cluster/cluster-failure.ts";
import { plainLine } from "../core/common/plain-line.ts";
import { fail, type Result } from "../core/common/result.ts";
import * as z from "../core/common/zod.ts";
import { fileFaultCode } from "./file-fault.ts";

/** What was asked of whom: for messages. */
export interface CallDescription {
  /** For example `the Services of mw-web`. */
  readonly what: string;
  readonly server: string;
}

/** Why there is no answer to a call. */
export interface FailedCall {
  readonly reason: ClusterFailure;
  /** The answer's status, where there was one. */
  readonly status?: number;
  /** The API itself says that there is no such object. Any other 404 may be of a server that is none of the API's. */
  readonly notFound?: true;
}

export function clusterFailure(
  kind: ClusterFailure["kind"],
  { what, server }: CallDescription,
  why: string,
): ClusterFailure {
  return { kind, message: plainLine(`cannot read ${what} from ${server}: ${why}`) };
}

/** An answer with a status other than 200. */
export function failedByStatus(call: CallDescription, answer: { status: number; text: string }): FailedCall {
  const { status, text } = answer;
  const said = readStatus(text);
  const words = `${status} ${STATUS_CODES[status] ?? ""}`.trim();
  const told = said === undefined ? `${words}${hint(status)}` : `${words}: ${said.message}`;
  return {
    reason: clusterFailure(kindOfStatus(status), call, told),
    status,
    ...(status === 404 && said?.reason === "NotFound" ? { notFound: true } : {}),
  };
}

/** The Status object with which the server ends a watch that it had begun to answer. */
export function failedByObject(call: CallDescription, object: unknown): FailedCall {
  const { code = 500, message } = z.safeParse(statusSchema, object).data ?? {};
  const told = `${code} ${STATUS_CODES[code] ?? ""}: ${message ?? "it does not say why"}`;
  return { reason: clusterFailure(kindOfStatus(code), call, told), status: code };
}

/** An answer that is none of the API's. */
export function malformed(call: CallDescription, why: string): Result<never, FailedCall> {
  return fail({ reason: clusterFailure("malformed", call, why) });
}

/** What node:http and node:tls throw. */
export function failureOfError(call: CallDescription, error: unknown): ClusterFailure {
  const code = fileFaultCode(error) ?? "";
  const words = connectionWords.get(code) ?? wordsOf(error, code);
  return clusterFailure(kindOfCode(code), call, words);
}

function kindOfStatus(status: number): ClusterFailure["kind"] {
  switch (status) {
    case 401:
      return "unauthorized";
    case 403:
      return "forbidden";
    case 429:
      return "throttled";
    default:
      return "server-error";
  }
}

function hint(status: number): string {
  return status >= 300 && status < 400 ? " (redirects are not followed)" : "";
}

const statusSchema = z.object({
  kind: z.literal("Status"),
  reason: z._default(z.string(), ""),
  message: z._default(z.string(), ""),
  code: z.optional(z.int()),
});

/** The object with which the API says why not. */
function readStatus(text: string): z.output<typeof statusSchema> | undefined {
  try {
    return z.safeParse(statusSchema, JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function kindOfCode(code: string): ClusterFailure["kind"] {
  if (code.startsWith("HPE_")) return "malformed";
  return code.startsWith("CERT_") || untrusted.has(code) ? "untrusted" : "unreachable";
}

const untrusted: ReadonlySet<string> = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "INVALID_CA",
  "INVALID_PURPOSE",
  "HOSTNAME_MISMATCH",
  "ERR_TLS_CERT_ALTNAME_INVALID",
]);

const connectionWords: ReadonlyMap<string, string> = new Map([
  ["ECONNREFUSED", "connection refused"],
  ["ECONNRESET", "the connection broke off"],
  ["ERR_STREAM_PREMATURE_CLOSE", "the connection broke off"],
  ["EPIPE", "the connection broke off"],
  ["ETIMEDOUT", "no connection"],
  ["EHOSTUNREACH", "no route to it"],
  ["ENETUNREACH", "no route to it"],
  ["ENOTFOUND", "no such host"],
  ["EAI_AGAIN", "its name cannot be looked up now"],
]);

function wordsOf(error: unknown, code: string): string {
  const message = error instanceof Error ? error.message : String(error);
  if (message === "") return code;
  return code === "" || message.includes(code) ? message : `${message} (${code})`;
}
