import { MongoBulkWriteError } from "mongodb";

const duplicateKey = 11_000;

/** Whether all that a bulk write has failed at is that documents were there already. */
export const areDuplicates = (error: unknown): boolean =>
  error instanceof MongoBulkWriteError && [error.writeErrors].flat().every(({ code }) => code === duplicateKey);
