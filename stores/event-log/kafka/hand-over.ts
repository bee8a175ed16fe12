/** Hands items from one producer to one reader, one at a time. */
export interface HandOver<Item> {
  /** Resolves once the reader asks for the next item, or has left. */
  give(item: Item): Promise<void>;
  /** No item follows. Idempotent. */
  end(): void;
  /** No item follows, and the reader's next request rejects with this error. */
  fail(error: unknown): void;
  taken(): AsyncGenerator<Item>;
}

export const createHandOver = <Item>(): HandOver<Item> => {
  let given: { readonly item: Item; readonly release: () => void } | undefined;
  let ended: { readonly error?: unknown } | undefined;
  let wake: () => void = () => undefined;
  const close = (end: { readonly error?: unknown }): void => {
    ended ??= end;
    given?.release();
    wake();
  };
  return {
    give: (item) => {
      if (ended) return Promise.resolve();
      return new Promise((release) => {
        given = { item, release };
        wake();
      });
    },
    end: () => close({}),
    fail: (error) => close({ error }),
    taken: async function* () {
      for (;;) {
        while (!given && !ended) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        if (ended?.error !== undefined) throw ended.error;
        if (!given) return;
        const { item, release } = given;
        yield item;
        given = undefined;
        release();
      }
    },
  };
};
