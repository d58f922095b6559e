import { tmpdir, userInfo } from "node:os";
import { isAbsolute, join } from "node:path";

/** Where logs go that nobody gave a place: below the user's state folder (XDG base directories). */
export function stepLogFolder(
  env: Readonly<Record<string, string | undefined>>,
  environment: string,
  now: Date,
): string {
  const { XDG_STATE_HOME: state } = env;
  const stamp = now.toISOString().replace(/[-:]/g, "").replace(/\.\d+/, "");
  const run = `${environment}-${stamp}-${process.pid}`;
  // The specification: a path that is not absolute counts as not set.
  if (state !== undefined && isAbsolute(state)) return join(state, "charlie-mediawiki", "logs", run);
  const home = homeFolder(env);
  return home === undefined
    ? join(tmpdir(), `charlie-mediawiki-${run}`)
    : join(home, ".local", "state", "charlie-mediawiki", "logs", run);
}

/** A user whom the machine does not know by name may have none. */
function homeFolder({ HOME }: Readonly<Record<string, string | undefined>>): string | undefined {
  if (HOME !== undefined && isAbsolute(HOME)) return HOME;
  try {
    const home = userInfo().homedir;
    return isAbsolute(home) ? home : undefined;
  } catch {
    return undefined;
  }
}
