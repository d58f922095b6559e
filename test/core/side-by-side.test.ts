import { expect, it } from "vitest";
import { sideBySide } from "../../src/core/common/side-by-side.ts";

it("does at most so many at once, each once, and answers in order whichever ends first", async () => {
  const ends = new Map<string, () => void>();
  const begun: string[] = [];
  const work = (item: string) =>
    new Promise<string>((resolve) => {
      begun.push(item);
      ends.set(item, () => resolve(item.toUpperCase()));
    });
  const end = async (item: string) => {
    ends.get(item)?.();
    // All that follows from an end happens before the next turn of the event loop.
    await new Promise(setImmediate);
  };
  const answers = sideBySide(["a", "b", "c", "d"], { limit: 2, work });
  expect(begun).toEqual(["a", "b"]);
  await end("b");
  expect(begun).toEqual(["a", "b", "c"]);
  await end("c");
  await end("d");
  await end("a");
  expect(begun).toEqual(["a", "b", "c", "d"]);
  expect(await answers).toEqual(["A", "B", "C", "D"]);
});

it("has nothing to do without items", async () => {
  expect(await sideBySide([], { limit: 8, work: async () => 1 })).toEqual([]);
});
