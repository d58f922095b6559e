import type { Container } from "./container.ts";

/** How php-fpm ends when it cannot read its configuration: it does not name the variable that was empty. */
const failed: readonly string[] = [
  "ERROR: [/etc/php/fpm/env/envvars.inc:1] empty value",
  "ERROR: Unable to include /etc/php/fpm/env/envvars.inc from /etc/php/fpm/pool.d/www.conf at line 1",
  "ERROR: failed to load configuration file '/etc/php/fpm/php-fpm.conf'",
  "ERROR: FPM initialization failed",
];
const serving: readonly string[] = ["NOTICE: ready to handle connections"];

/** What a container wrote in its last run, or in the one before that where `previous` is set. */
export function containerLog(
  { state, startedAt, lastEnd }: Container,
  { previous = false }: { readonly previous?: boolean } = {},
): readonly string[] {
  if (startedAt === undefined) return [];
  // As with a real kubelet: between two runs both are the run that ended.
  if (!previous && state !== "back-off") return serving;
  if (lastEnd === undefined) return [];
  return lastEnd.exitCode === 0 ? serving : failed;
}
