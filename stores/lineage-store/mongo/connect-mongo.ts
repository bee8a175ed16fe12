import { MongoClient } from "mongodb";
import type { TlsOptions } from "../../../wire/tls.js";

export interface MongoAccess {
  readonly url: string;
  /** Account, unless the url has it. */
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly tls?: TlsOptions | undefined;
}

/** A client whose every wait has a bound: the driver's own defaults wait for a connection of its pool without one. */
export const connectMongo = ({ url, username, password, tls }: MongoAccess): MongoClient =>
  new MongoClient(url, {
    serverSelectionTimeoutMS: 5_000,
    connectTimeoutMS: 5_000,
    heartbeatFrequencyMS: 5_000,
    waitQueueTimeoutMS: 10_000,
    socketTimeoutMS: 20_000,
    ignoreUndefined: true,
    // what one member of a replica set holds alone would be lost with it
    writeConcern: { w: "majority", wtimeoutMS: 30_000 },
    ...(username && password ? { auth: { username, password } } : {}),
    ...(tls ? { ...tls, tls: true } : {}),
  });
