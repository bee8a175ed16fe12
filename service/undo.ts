export type Undo = () => unknown;

/** Undoes a start in reverse order. A failure does not keep the rest from ending. */
export const undoAll = async (undo: Undo[]): Promise<void> => {
  const failures: unknown[] = [];
  for (const step of undo.splice(0).reverse()) {
    try {
      await step();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
};
