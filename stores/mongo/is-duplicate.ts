import { MongoServerError } from "mongodb";

const duplicateKey = 11_000;

/** Whether a single write failed because a unique index has the value already. */
export const isDuplicate = (error: unknown): boolean => error instanceof MongoServerError && error.code === duplicateKey;
