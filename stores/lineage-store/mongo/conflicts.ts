import { systemClock } from "../../clock.js";

/** Writers of one document collide when a partition moves or a batch is redelivered. Each waits for a growing, random time. */
const mostTries = 12;
const pauseMs = 10;

/** Repeats a write until no other writer interferes between its read and its write. Throws after too many attempts. */
export const untilUndisturbed = async (write: () => Promise<boolean>): Promise<void> => {
  for (let tries = 1; !(await write()); tries += 1) {
    if (tries >= mostTries) throw new Error(`other writers changed the same documents ${mostTries} times`);
    await systemClock.sleep(Math.random() * pauseMs * tries);
  }
};
