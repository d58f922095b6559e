import { readlinkSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { isatty } from "node:tty";

/** Who begins a run, and from where. */
export interface RunOrigin {
  readonly user: string;
  readonly host: string;
  /** The address that ssh names, else the terminal; absent where neither is known. */
  readonly from?: string;
  /** The folder that relative paths of the command line lead from; absent where it is gone. */
  readonly cwd?: string;
}

export function runOrigin(env: Readonly<Record<string, string | undefined>>): RunOrigin {
  const name = userName(env);
  const { SUDO_USER: behind } = env;
  const user =
    behind === undefined || behind === "" || behind === name ? name : `${name} (sudo by ${behind})`;
  const from = env.SSH_CONNECTION?.split(" ")[0] || terminalName();
  const cwd = currentFolder();
  return { user, host: hostname(), ...(from !== undefined && { from }), ...(cwd !== undefined && { cwd }) };
}

/** Undefined where it is gone. */
export function currentFolder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}

/** A user whom the machine does not know by name has only a number. */
function userName({ USER, LOGNAME }: Readonly<Record<string, string | undefined>>): string {
  try {
    return userInfo().username;
  } catch {
    return USER ?? LOGNAME ?? String(process.getuid?.() ?? "unknown");
  }
}

function terminalName(): string | undefined {
  const fd = [0, 1, 2].find((one) => isatty(one));
  if (fd === undefined) return undefined;
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return undefined;
  }
}
