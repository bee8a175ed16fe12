import { MongoBulkWriteError, MongoServerError } from "mongodb";
import { CarillonError } from "../../../schemas/errors.js";

const duplicateKey = 11_000;

/** Whether all that a bulk write has failed at is that documents were there already. */
export const areDuplicates = (error: unknown): error is MongoBulkWriteError =>
  error instanceof MongoBulkWriteError && [error.writeErrors].flat().every(({ code }) => code === duplicateKey);

/** An error of the documents to be written, whatever the state of the server. */
export const isFaultOfTheData = (error: unknown): boolean => error instanceof RangeError || error instanceof TypeError;

/** The server's own answer to a question, such as a refused operator, says nothing of its connections. */
const badRequests: ReadonlySet<number | string | undefined> = new Set([2, 9, 14, 50, 59, 73, 238, duplicateKey]);

/** Whether an error speaks against the connections to the server. */
export const isOutage = (error: unknown): boolean =>
  !(error instanceof CarillonError) &&
  !isFaultOfTheData(error) &&
  !(error instanceof MongoServerError && (badRequests.has(error.code) || areDuplicates(error)));
