/** The command that deploys the support releases of a service, for people to type. */
export function deployCommand(service: string, environment: string): string {
  return `charlie-mediawiki apply --support-only -e ${environment} -s ${service}`;
}
