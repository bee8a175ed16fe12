import { systemClock } from "../../clock.js";

/** Writers of one document meet where a partition moves, or a batch comes again: each waits a little longer, by chance. */
const mostTries = 12;
const pauseMs = 10;

/** Does it until no other writer came between reading and writing; throws once that has happened too often. */
export const untilUndisturbed = async (write: () => Promise<boolean>): Promise<void> => {
  for (let tries = 1; !(await write()); tries += 1) {
    if (tries >= mostTries) throw new Error(`other writers changed what was to be written, ${mostTries} times`);
    await systemClock.sleep(Math.random() * pauseMs * tries);
  }
};
