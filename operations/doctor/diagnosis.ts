import { CarillonError, messageOf } from "../../schemas/errors.js";

/** A check and its result. */
export interface Diagnosis {
  readonly what: string;
  readonly ok: boolean;
  readonly found: string;
  readonly fix?: string | undefined;
}

const deadlineMs = 20_000;

/** Asks a question within a deadline. `fix` is the fix of an error that brings none. */
export const look = async (what: string, question: () => Promise<string>, fix: string): Promise<Diagnosis> => {
  let expiry: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    expiry = setTimeout(() => reject(new Error(`no response within ${deadlineMs / 1_000} s`)), deadlineMs);
  });
  try {
    return { what, ok: true, found: await Promise.race([question(), silence]) };
  } catch (error) {
    return { what, ok: false, found: messageOf(error), fix: error instanceof CarillonError && error.fix ? error.fix : fix };
  } finally {
    clearTimeout(expiry);
  }
};
