import { MongoClient } from "mongodb";
import type { TlsOptions } from "../../../wire/tls.js";

export interface MongoAccess {
  readonly url: string;
  /** Account, unless the url contains it. */
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly tls?: TlsOptions | undefined;
}

/** A client with a bound on every wait: by default the driver waits indefinitely for a pooled connection. */
export const connectMongo = ({ url, username, password, tls }: MongoAccess): MongoClient =>
  new MongoClient(url, {
    serverSelectionTimeoutMS: 5_000,
    connectTimeoutMS: 5_000,
    heartbeatFrequencyMS: 5_000,
    waitQueueTimeoutMS: 10_000,
    socketTimeoutMS: 20_000,
    ignoreUndefined: true,
    // a write that only one member of a replica set has would be lost with that member
    writeConcern: { w: "majority", wtimeoutMS: 30_000 },
    ...(username && password ? { auth: { username, password } } : {}),
    ...(tls ? { ...tls, tls: true } : {}),
  });
