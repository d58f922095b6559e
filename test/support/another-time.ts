import { setTimeout as sleep } from "node:timers/promises";

/** Lets so much time pass that the next Ctrl-C is not taken for the last one, delivered twice. That has to be heard by then. */
export async function anotherTime(): Promise<void> {
  await sleep(1_100);
}
