import { isEnvironmentName } from "../common/release.ts";

/** `ENVIRONMENT-YYYYMMDDTHHMMSSZ-PID`: the name of a run, of its journal and of its logs. */
export interface RunName {
  readonly environment: string;
  /** `YYYYMMDDTHHMMSSZ`: sorts by time. */
  readonly stamp: string;
  readonly pid: number;
}

/** @param time ISO, of any precision */
export function runName(environment: string, time: string, pid: number): string {
  return `${environment}-${time.replace(/[-:]/g, "").replace(/\.\d+/, "")}-${pid}`;
}

/** What the name of a run says; undefined where the text is none, so that it never leads to another file. */
export function parseRunName(run: string): RunName | undefined {
  const [, environment, stamp, pid] = /^(.+)-(\d{8}T\d{6}Z)-(\d{1,10})$/.exec(run) ?? [];
  if (environment === undefined || stamp === undefined || !isEnvironmentName(environment)) return undefined;
  return isTime(stamp) ? { environment, stamp, pid: Number(pid) } : undefined;
}

/** Behind a run of the year 9999 no name sorts that begins later. */
function isTime(stamp: string): boolean {
  return /^(?!9999)\d{4}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3])[0-5]\d[0-5]\dZ$/.test(stamp);
}

/** Newest first. */
export function compareRuns(one: string, other: string): number {
  const [left, right] = [parseRunName(one), parseRunName(other)];
  const [mine, its] = [left?.stamp ?? "", right?.stamp ?? ""];
  if (mine !== its) return mine < its ? 1 : -1;
  return (right?.pid ?? 0) - (left?.pid ?? 0) || (one < other ? -1 : 1);
}
