import { setTimeout as sleep } from "node:timers/promises";

/** Asks until it is so; throws after the time (milliseconds). */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  patience = 30_000,
): Promise<void> {
  const deadline = Date.now() + patience;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`after ${patience / 1000} s still not so: ${what}`);
    await sleep(100);
  }
}
