const suffix = "_SERVICE_HOST";

/** The variable that kubelet makes of a Service: `FOO_BAR_SERVICE_HOST` of `foo-bar`. */
export function variableOf(service: string): string {
  return `${variablePart(service)}${suffix}`;
}

/**
 * The Service that a variable comes from: `foo-bar` of `FOO_BAR_SERVICE_HOST`, `FOO_BAR_SERVICE_PORT_HTTP`,
 * `FOO_BAR_PORT` or `FOO_BAR_PORT_80_TCP_ADDR`. Names of Services have no underscore, so there is only one.
 */
export function serviceOf(variable: string): string {
  // Each ending once: FOO_PORT_SERVICE_HOST is of foo-port.
  const name = variable.replace(
    /(?:_SERVICE_HOST|_SERVICE_PORT(?:_[A-Z0-9_]+)?|_PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?)$/,
    "",
  );
  return name.toLowerCase().replaceAll("_", "-");
}

export interface ServicePort {
  readonly port: number;
  readonly name?: string;
  /** @default TCP */
  readonly protocol?: string;
}

/**
 * All variables that kubelet makes of a Service with an address of its own: host and port, a port for each name, and
 * the older ones of Docker's links.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 */
export function variablesOfService(name: string, ports: readonly ServicePort[]): string[] {
  const prefix = variablePart(name);
  const links = ports.flatMap(({ port, protocol = "TCP" }) => {
    const link = `${prefix}_PORT_${port}_${protocol.toUpperCase()}`;
    return [link, `${link}_PROTO`, `${link}_PORT`, `${link}_ADDR`];
  });
  const named = ports.flatMap((port) =>
    port.name === undefined ? [] : [`${prefix}_SERVICE_PORT_${variablePart(port.name)}`],
  );
  return [variableOf(name), `${prefix}_SERVICE_PORT`, `${prefix}_PORT`, ...named, ...links];
}

/**
 * What a word says of where it comes from. `certain`: nothing else is named like that. `possible`: `FOO_PORT`, which
 * is the variable of a Service only where there is one of that name. Undefined: no variable of a Service, or one of
 * the API server, which is always there.
 */
export function serviceVariableKind(word: string): "certain" | "possible" | undefined {
  if (/^KUBERNETES_(?:SERVICE|PORT)(?:_|$)/.test(word)) return undefined;
  if (certain.test(word)) return "certain";
  return word.endsWith("_PORT") ? "possible" : undefined;
}

const certain =
  /_(?:SERVICE_(?:HOST|PORT)|SERVICE_PORT_[A-Z0-9_]+|PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)$/;

function variablePart(name: string): string {
  return name.toUpperCase().replaceAll("-", "_");
}
