/**
 * Runs items in rounds, each of which has at most one item of a key: a bulk write has no order, but the items of one key happen in theirs.
 * Answers are in the order of the items.
 */
export const inRounds = async <Item, Answer>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  run: (round: readonly Item[]) => Promise<readonly Answer[]>,
): Promise<readonly Answer[]> => {
  const answers: Answer[] = [];
  let left = items.map((item, index) => ({ item, index }));
  while (left.length > 0) {
    const keys = new Set<string>();
    const [round, later]: [typeof left, typeof left] = [[], []];
    for (const one of left) {
      const key = keyOf(one.item);
      (keys.has(key) ? later : round).push(one);
      keys.add(key);
    }
    const given = await run(round.map(({ item }) => item));
    round.forEach(({ index }, position) => {
      answers[index] = given[position] as Answer;
    });
    left = later;
  }
  return answers;
};
