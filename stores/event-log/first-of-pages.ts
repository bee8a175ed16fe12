/** The first `limit` items of pages. Reads no further page than necessary. */
export const firstOfPages = async <Item>(pages: AsyncIterable<readonly Item[]>, limit: number): Promise<readonly Item[]> => {
  const found: Item[] = [];
  if (limit <= 0) return found;
  for await (const page of pages) {
    for (const item of page.slice(0, limit - found.length)) found.push(item);
    if (found.length >= limit) break;
  }
  return found;
};
