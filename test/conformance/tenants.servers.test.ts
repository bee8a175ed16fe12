import { systemClock } from "../../stores/clock.js";
import { createMongoConnection, type MongoConnection } from "../../stores/mongo/mongo-connection.js";
import { createMongoTenants } from "../../stores/tenants/mongo/mongo-tenants.js";
import { uniqueName } from "../support/scratch.js";
import { serverAddress } from "../support/servers.js";
import { describeTenants } from "./tenants.js";

const database = uniqueName("test");
const connect = (): MongoConnection => createMongoConnection({ url: serverAddress("MONGO"), database });
const open = async () => createMongoTenants(connect(), systemClock);

/** Asks about the stored documents themselves, in a connection of its own. */
const inStore = async <T>(question: Parameters<MongoConnection["ask"]>[0]): Promise<T> => {
  const connection = connect();
  return (connection.ask(question) as Promise<T>).finally(connection.close);
};

describeTenants({
  name: "MongoDB",
  pass: (ms) => systemClock.sleep(ms),
  open,
  another: open,
  documentOf: (id) => inStore((stored) => stored.collection("tenants").findOne({ id })),
  addFields: (id, change) =>
    inStore(async (stored) => {
      const document: Record<string, unknown> = (await stored.collection("tenants").findOne({ id })) ?? {};
      change(document);
      await stored.collection("tenants").replaceOne({ id }, document);
    }),
});
