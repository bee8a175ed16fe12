import { MongoBulkWriteError, MongoServerError } from "mongodb";
import { CarillonError } from "../../../schemas/errors.js";

const duplicateKey = 11_000;

/** Whether a bulk write failed only because documents existed already. */
export const areDuplicates = (error: unknown): error is MongoBulkWriteError =>
  error instanceof MongoBulkWriteError && [error.writeErrors].flat().every(({ code }) => code === duplicateKey);

/** An error in the documents to write, independent of the server. */
export const isFaultOfTheData = (error: unknown): boolean => error instanceof RangeError || error instanceof TypeError;

/** Server errors about the query itself, such as a refused operator. They do not indicate a connection problem. */
const badRequests: ReadonlySet<number | string | undefined> = new Set([2, 9, 14, 50, 59, 73, 238, duplicateKey]);

/** Whether an error indicates a problem with the connections to the server. */
export const isOutage = (error: unknown): boolean =>
  !(error instanceof CarillonError) &&
  !isFaultOfTheData(error) &&
  !(error instanceof MongoServerError && (badRequests.has(error.code) || areDuplicates(error)));
