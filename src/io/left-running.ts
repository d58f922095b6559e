import { plainLine } from "../core/common/plain-line.ts";

/** What a run left running that ended without it: killed, or out of memory. It may still change the cluster. */
export interface LeftRunning {
  readonly run: string;
  readonly pid: number;
  /** The number of its process group. */
  readonly group: number;
  /** The words of its command line; empty where they cannot be read. */
  readonly command: readonly string[];
}

/** How often it is looked whether it has ended, in milliseconds. */
export const leftAgainMs = 200;

/** How long it is waited for what is ending anyway, in milliseconds: also where nobody wants to wait. */
export const leftGraceMs = 2_000;

function describeLeftRunning(left: readonly LeftRunning[]): string[] {
  return left.map(({ run, pid, command }) => {
    const words = plainLine(command.join(" "), 200);
    return `${run}: process ${pid}${words === "" ? "" : `: ${words}`}`;
  });
}

/** While it is waited for. */
export function waitingForLeft(left: readonly LeftRunning[]): string {
  return ["waiting for what is left of an earlier run:", ...describeLeftRunning(left)].join("\n  ");
}

/** Why nothing is begun, and how it can be. @param user whose it is, where that may be another one */
export function refusalForLeft(environment: string, left: readonly LeftRunning[], user?: string): string {
  const stop = left.map(({ group }) => `kill -INT -${group}`).join("; ");
  return [
    `an earlier run of ${environment} was killed, and what it started still runs:`,
    ...describeLeftRunning(left).map((line) => `  ${line}`),
    `  to do: wait for it by --wait SECONDS, or let it roll back: ${stop}${user === undefined ? "" : ` # as ${user}`}`,
  ].join("\n");
}
