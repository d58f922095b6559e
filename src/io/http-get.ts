import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest, type RequestOptions } from "node:https";
import { StringDecoder } from "node:string_decoder";
import { urlToHttpOptions } from "node:url";
import { fileFaultCode } from "./file-fault.ts";

/** An answer that has more bytes than anybody wants. */
export class TooLarge extends Error {}

export interface Get {
  readonly server: URL;
  /** Sent as it is. */
  readonly path: string;
  readonly options: RequestOptions;
  /** Told of each time that it is sent. */
  readonly onSend: () => void;
}

/**
 * Sends a GET, and gives the answer when its head is there.
 *
 * @throws what node:http does where there is none.
 */
export async function send(get: Get): Promise<IncomingMessage> {
  try {
    return await sendOnce(get);
  } catch (error) {
    // The server may close a connection that was kept, in the moment when it is used again. A new one has no such past.
    if (!(error instanceof ClosedMeanwhile)) throw error;
    return sendOnce({ ...get, options: { ...get.options, agent: false } });
  }
}

/** Never leaves this module. */
class ClosedMeanwhile extends Error {}

function sendOnce({ server, path, options, onSend }: Get): Promise<IncomingMessage> {
  onSend();
  const { protocol, hostname, port } = urlToHttpOptions(server);
  return new Promise((resolve, reject) => {
    const begin = protocol === "http:" ? httpRequest : httpsRequest;
    const request = begin({ hostname, port, path, ...options }, resolve);
    request.on("error", (error) => {
      const closed = request.reusedSocket && ["ECONNRESET", "EPIPE"].includes(fileFaultCode(error) ?? "");
      reject(closed ? new ClosedMeanwhile() : error);
    });
    request.end();
  });
}

/** @throws TooLarge; else what the connection throws. */
export async function readText(answer: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunksOf(answer)) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new TooLarge(`an answer of more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

export interface LineTaker {
  /** In characters. */
  readonly longest: number;
  /** Told of whatever comes, also where it ends no line. */
  readonly heard: () => void;
  /** @returns false to read no more. */
  readonly line: (line: string) => boolean;
}

/** @throws TooLarge; else what the connection throws. */
export async function readLines(answer: IncomingMessage, { longest, heard, line }: LineTaker): Promise<void> {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  for await (const chunk of chunksOf(answer)) {
    heard();
    const pieces = decoder.write(chunk).split("\n");
    const last = pieces.pop() ?? "";
    for (const piece of pieces) {
      const whole = rest + piece;
      rest = "";
      if (whole !== "" && !line(whole)) return;
    }
    rest += last;
    if (rest.length > longest) throw new TooLarge(`a line of more than ${longest} characters`);
  }
}

/** Leaving the loop over them closes the connection. */
async function* chunksOf(answer: IncomingMessage): AsyncGenerator<Buffer> {
  for await (const chunk of answer) yield Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk);
}
