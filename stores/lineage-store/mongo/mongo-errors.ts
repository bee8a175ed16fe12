import { MongoBulkWriteError, MongoInvalidArgumentError, MongoServerError } from "mongodb";
import { CarillonError } from "../../../schemas/errors.js";

const duplicateKey = 11_000;

/** Whether a bulk write failed only because documents existed already. Without write errors, the write concern was not met. */
export const areDuplicates = (error: unknown): error is MongoBulkWriteError => {
  if (!(error instanceof MongoBulkWriteError) || error.result?.getWriteConcernError?.()) return false;
  const errors = [error.writeErrors].flat();
  return errors.length > 0 && errors.every(({ code }) => code === duplicateKey);
};

/** An error in the documents to write, independent of the server. The driver itself refuses a document that is too large. */
export const isFaultOfTheData = (error: unknown): boolean =>
  error instanceof RangeError || error instanceof TypeError || error instanceof MongoInvalidArgumentError;

/** A document, or one after its update, exceeds 16 MiB. Source: MongoDB, error codes. */
const tooLarge = [10_334, 17_419, 17_420];

/** Server errors about the query itself, such as a refused operator. They do not indicate a connection problem. */
const badRequests: ReadonlySet<number | string | undefined> = new Set([2, 9, 14, 50, 59, 73, 238, duplicateKey, ...tooLarge]);

/** Whether an error indicates a problem with the connections to the server. */
export const isOutage = (error: unknown): boolean =>
  !(error instanceof CarillonError) &&
  !isFaultOfTheData(error) &&
  !(error instanceof MongoServerError && (badRequests.has(error.code) || areDuplicates(error)));
