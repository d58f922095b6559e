const suffix = "_SERVICE_HOST";

/** The variable that kubelet makes of a Service: `FOO_BAR_SERVICE_HOST` of `foo-bar`. */
export function variableOf(service: string): string {
  return `${service.toUpperCase().replaceAll("-", "_")}${suffix}`;
}

/** The Service that a variable comes from. Names of Services have no underscore, so there is only one. */
export function serviceOf(variable: string): string {
  const name = variable.replace(/_SERVICE_(?:HOST|PORT)$/, "");
  return name.toLowerCase().replaceAll("_", "-");
}
