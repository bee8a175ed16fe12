import { CarillonError, messageOf } from "../../schemas/errors.js";

/** Builds the request. No byte has been sent yet, so an error thrown here is the message's own: rejects UNSENDABLE. */
export const buildRequest = async <T>(build: () => T | Promise<T>): Promise<T> => {
  try {
    return await build();
  } catch (error) {
    if (error instanceof CarillonError && error.code === "UNSENDABLE") throw error;
    throw new CarillonError("UNSENDABLE", `the request could not be built: ${messageOf(error)}`, { cause: error });
  }
};
