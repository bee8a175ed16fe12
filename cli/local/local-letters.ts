import type { DeadLetters, StoredDeadLetter } from "../../operations/dead-letters/dead-letters.js";
import { letterViewOf, withoutBytes } from "../../operations/dead-letters/letter-view.js";
import type { LetterChoice, Letters } from "../deployment/deployment.js";
import type { LocalStores } from "./opened.js";

const most = 100_000;

const chosen = async (letters: DeadLetters, choice: LetterChoice): Promise<readonly StoredDeadLetter[]> => {
  if ("filter" in choice) return letters.list({ ...choice.filter, state: "pending" }, most);
  return (await letters.list({}, most)).filter(({ letter }) => letter.deadLetterId === choice.id);
};

export const localLetters = (local: LocalStores): Letters => ({
  list: async (filter, withBytes) => {
    const found = (await (await local.letters()).list(filter, most)).map(letterViewOf);
    return withBytes ? found : found.map(withoutBytes);
  },
  find: async (id) => {
    const [found] = await chosen(await local.letters(), { id });
    return found && letterViewOf(found);
  },
  redrive: async (choice, perSecond, onProgress) => {
    const letters = await local.letters();
    return letters.redrive(await chosen(letters, choice), { ...(perSecond ? { perSecond } : {}), onProgress });
  },
  discard: async (choice, reason) => {
    const letters = await local.letters();
    return letters.discard(await chosen(letters, choice), reason);
  },
});
