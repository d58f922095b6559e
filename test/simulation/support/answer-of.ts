import type { Reading } from "../../../src/core/cluster/cluster-reader.ts";

/** What was read, where the test wants nothing else. */
export async function answerOf<Value>(reading: Reading<Value>): Promise<Value> {
  const result = await reading;
  if (!result.ok) throw new Error(result.failure.message);
  return result.value;
}
