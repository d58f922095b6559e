import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent, type RequestOptions } from "node:https";
import { createSecureContext, type SecureContext } from "node:tls";

/** How many connections ordinary calls may have at once: a preflight must not look like an attack. */
const maxSockets = 6;

/**
 * Connections to API servers. Kubeconfigs with the same server and the same certificates share them, as Node's agents
 * tell connections apart by both; who asks is said in each call. To greet a server costs more than to ask it.
 */
export class KubernetesConnections {
  readonly #shared = agents({ keepAlive: true, maxSockets });
  /** Of their own, unbounded: what is followed holds its connection for minutes. */
  readonly #lasting = agents({});

  /** For calls that are answered at once. */
  shared({ protocol }: URL): HttpAgent {
    return protocol === "http:" ? this.#shared.http : this.#shared.https;
  }

  /** For what is followed. */
  lasting({ protocol }: URL): HttpAgent {
    return protocol === "http:" ? this.#lasting.http : this.#lasting.https;
  }

  close(): void {
    for (const { http, https } of [this.#shared, this.#lasting]) {
      http.destroy();
      https.destroy();
    }
  }
}

interface AgentOptions {
  readonly keepAlive?: true;
  readonly maxSockets?: number;
}

function agents(options: AgentOptions) {
  return { http: new HttpAgent(options), https: new ContextKeepingAgent(options) };
}

/** Node would read the certificates anew for each connection, and keep them in memory as long as it lasts. */
class ContextKeepingAgent extends HttpsAgent {
  /** By all that tells one from another. */
  readonly #contexts = new Map<string, SecureContext>();

  override createConnection(
    options: RequestOptions,
    callback?: Parameters<HttpsAgent["createConnection"]>[1],
  ): ReturnType<HttpsAgent["createConnection"]> {
    const name = this.getName(options);
    const secureContext = this.#contexts.get(name) ?? createSecureContext(options);
    this.#contexts.set(name, secureContext);
    const whole = { ...options, secureContext };
    return super.createConnection(whole, callback);
  }
}
