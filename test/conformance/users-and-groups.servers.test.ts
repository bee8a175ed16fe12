import { systemClock } from "../../stores/clock.js";
import { createMongoDirectory } from "../../stores/directory/mongo/mongo-directory.js";
import { createMongoConnection, type MongoConnection } from "../../stores/mongo/mongo-connection.js";
import { createMongoSubscriptions } from "../../stores/subscriptions/mongo/mongo-subscriptions.js";
import { pausingConnection } from "../support/pausing-mongo.js";
import { uniqueName } from "../support/scratch.js";
import { serverAddress } from "../support/servers.js";
import { describeDirectory } from "./directory.js";
import { describeDirectoryDevices } from "./directory-devices.js";
import type { DirectoryFactory } from "./directory-under-test.js";
import { describeSealedDirectory } from "./sealed-directory.js";
import { describeSubscriptions } from "./subscriptions.js";
import { describeSubscriptionsOfUsers } from "./subscriptions-of-users.js";
import { describeSubscriptionRaces } from "./subscriptions-races.js";
import type { SubscriptionsFactory } from "./subscriptions-under-test.js";

const pass = (ms: number): Promise<void> => systemClock.sleep(ms);

/** A database for one suite, and adapters with connections of their own in it. */
const onMongo = <Port>(create: (connection: MongoConnection) => Port) => {
  const database = uniqueName("test");
  const connect = (): MongoConnection => createMongoConnection({ url: serverAddress("MONGO"), database });
  const open = async (): Promise<Port> => create(connect());
  return { connect, open, another: open };
};

const users = onMongo((connection) => createMongoDirectory(connection, systemClock));
const directories: DirectoryFactory = {
  name: "MongoDB",
  pass,
  ...users,
  another: async () => createMongoDirectory(pausingConnection(users.connect(), 20), systemClock),
  registrationsOf: async (address) => {
    const connection = users.connect();
    return connection.ask((database) => database.collection("registrations").countDocuments({ address })).finally(connection.close);
  },
};
for (const describeSuite of [describeDirectory, describeDirectoryDevices, describeSealedDirectory]) describeSuite(directories);

/** Longer than a change takes on a busy machine, and no longer than a test waits for a writer that is gone. */
const leaseMs = 1_000;
/** So few that each history of a user in these tests has several pages. */
const pageRows = 2;
const groups = onMongo((connection) => createMongoSubscriptions(connection, { pageRows }));
const factory: SubscriptionsFactory = {
  name: "MongoDB",
  pass,
  open: groups.open,
  another: async (afterStep) => createMongoSubscriptions(groups.connect(), { leaseMs, afterStep, pageRows }),
};
describeSubscriptions(factory);
describeSubscriptionsOfUsers(factory);
describeSubscriptionRaces(factory);
