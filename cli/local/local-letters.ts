import type { LetterFilter } from "../../operations/dead-letters/letter-pages.js";
import { letterViewOf, withoutBytes } from "../../operations/dead-letters/letter-view.js";
import type { LetterChoice, Letters } from "../deployment/deployment.js";
import type { LocalStores } from "./opened.js";

const filterOf = (choice: LetterChoice): LetterFilter => ({
  ...("filter" in choice ? choice.filter : { ids: [choice.id] }),
  state: "pending",
});

export const localLetters = (local: LocalStores): Letters => ({
  list: async (filter, withBytes) => {
    const found = (await (await local.letters()).list(filter, Number.POSITIVE_INFINITY)).map(letterViewOf);
    return withBytes ? found : found.map(withoutBytes);
  },
  find: async (id) => {
    const [found] = await (await local.letters()).list({ ids: [id] }, 1);
    return found && letterViewOf(found);
  },
  redrive: async (choice, perSecond, onProgress) => {
    const letters = await local.letters();
    return letters.redrive(letters.pages(filterOf(choice)), { ...(perSecond ? { perSecond } : {}), onProgress });
  },
  discard: async (choice, reason) => {
    const letters = await local.letters();
    return letters.discard(letters.pages(filterOf(choice)), reason);
  },
});
