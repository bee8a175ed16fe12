import type { Db } from "mongodb";
import { CarillonError, unavailable } from "../../schemas/errors.js";
import { connectMongo, type MongoAccess } from "../lineage-store/mongo/connect-mongo.js";
import { isFaultOfTheData, isOutage } from "../lineage-store/mongo/mongo-errors.js";
import { createRenewingClient } from "../renewing-client.js";

export interface MongoConnectionOptions extends MongoAccess {
  readonly database: string;
  /** Called when a new client replaces the current one. */
  readonly onTrouble?: (error: unknown) => void;
}

/** A connection that several ports share. */
export interface MongoConnection {
  /** Rejects UNAVAILABLE when the server is away or the question takes longer than `timeoutMs`, 30 s by default. */
  ask<T>(question: (database: Db) => Promise<T>, timeoutMs?: number): Promise<T>;
  /** Idempotent. */
  close(): Promise<void>;
}

const questionMs = 30_000;
/** An index over everything takes long, but not forever. */
export const indexMs = 3_600_000;

export const createMongoConnection = ({ database, onTrouble, ...access }: MongoConnectionOptions): MongoConnection => {
  const connection = createRenewingClient({
    what: "MongoDB",
    create: () => connectMongo(access),
    close: (client) => client.close(),
    isOutage,
    onRenewed: (what) => onTrouble?.(new CarillonError("UNAVAILABLE", `${what} failed repeatedly: a new client has taken over`)),
  });
  return {
    ask: async (question, timeoutMs = questionMs) => {
      try {
        return await connection.use(timeoutMs, (client) => question(client.db(database)));
      } catch (error) {
        // an error in the data is not the server's, and recurs however often the call is repeated
        throw error instanceof CarillonError || isFaultOfTheData(error) ? error : unavailable("MongoDB", error);
      }
    },
    close: connection.close,
  };
};

/** The connection, prepared once before the first question. A failed preparation is repeated by the next question. */
export const preparedOnce = ({ ask, close }: MongoConnection, prepare: (database: Db) => Promise<unknown>): MongoConnection => {
  let prepared: Promise<unknown> | undefined;
  return {
    ask: async (question, timeoutMs) => {
      prepared ??= ask(prepare, indexMs).catch((error: unknown) => {
        prepared = undefined;
        throw error;
      });
      await prepared;
      return ask(question, timeoutMs);
    },
    close,
  };
};
