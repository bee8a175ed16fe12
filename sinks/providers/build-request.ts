import { CarillonError, messageOf } from "../../schemas/errors.js";

/** Builds what will be sent. An error thrown here is the message's own, since no byte has left: it rejects with UNSENDABLE. */
export const buildRequest = async <T>(build: () => T | Promise<T>): Promise<T> => {
  try {
    return await build();
  } catch (error) {
    if (error instanceof CarillonError && error.code === "UNSENDABLE") throw error;
    throw new CarillonError("UNSENDABLE", `the request could not be built: ${messageOf(error)}`, { cause: error });
  }
};
