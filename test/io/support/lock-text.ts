import { hostname } from "node:os";
import { ownProcess } from "../../../src/io/process-identity.ts";
import type { LockClaim } from "../../../src/io/run-lock-file.ts";

/** The run that has the lock. */
export const run = "north-20261005T120000Z-7";

/** Of the lock. */
export const token = "00000000-0000-4000-8000-000000000001";

/** A process of this host that is no more, since before the machine was started. */
export const dead = { pid: 2 ** 22 + 1, processStart: "another boot:1" };

/** By this process, unless something else is said. */
export function claim(overrides: Partial<LockClaim> = {}): LockClaim {
  const who = { host: hostname(), user: "bob", since: "noon", command: ["apply"] };
  return { run, ...ownProcess(), ...who, ...overrides };
}

/** What the file of a lock holds. */
export function lockText(overrides: Partial<LockClaim> = {}, withToken = token): string {
  return JSON.stringify({ token: withToken, ...claim(overrides) });
}
