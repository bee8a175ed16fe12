import type { Db } from "mongodb";
import { systemClock } from "../../stores/clock.js";
import type { MongoConnection } from "../../stores/mongo/mongo-connection.js";
import { createRandom } from "../simulation/random.js";

const boundTo = (target: object, name: string | symbol): unknown => {
  const value: unknown = Reflect.get(target, name);
  return typeof value === "function" ? value.bind(target) : value;
};

const pausedWrites: readonly (string | symbol)[] = ["bulkWrite", "deleteMany", "insertMany", "updateOne"];

/** A connection whose writes each wait for a random time first, so that other processes come between the steps of a call. */
export const pausingConnection = (connection: MongoConnection, mostPauseMs: number): MongoConnection => {
  const random = createRandom(1, "pauses");
  const collectionOf = (database: Db, name: string): object =>
    new Proxy(database.collection(name), {
      get: (collection, method) => {
        const own = boundTo(collection, method);
        if (!pausedWrites.includes(method) || typeof own !== "function") return own;
        return async (...args: unknown[]) => {
          await systemClock.sleep(random.between(0, mostPauseMs));
          return own(...args);
        };
      },
    });
  const paused = (database: Db): Db =>
    new Proxy(database, {
      get: (target, name) => (name === "collection" ? (collection: string) => collectionOf(target, collection) : boundTo(target, name)),
    });
  return { ...connection, ask: (question, timeoutMs) => connection.ask((database) => question(paused(database)), timeoutMs) };
};
