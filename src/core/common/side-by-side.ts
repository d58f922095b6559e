/** Does the same work for each item, at most `limit` at once. The answers are in the items' order. */
export async function sideBySide<Item, Value>(
  items: readonly Item[],
  { limit, work }: { readonly limit: number; readonly work: (item: Item) => Promise<Value> },
): Promise<Value[]> {
  const values: Value[] = [];
  // All workers take from the one iterator, so that each item is taken once.
  const left = items.entries();
  const worker = async () => {
    for (const [at, item] of left) values[at] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return values;
}
