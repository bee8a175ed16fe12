import { createLmdbDirectory } from "../../stores/directory/lmdb-directory.js";
import { createMemoryDirectory } from "../../stores/directory/memory-directory.js";
import { type LmdbEnvironment, openEnvironment } from "../../stores/lmdb-environment.js";
import { createLmdbSubscriptions } from "../../stores/subscriptions/lmdb-subscriptions.js";
import { createMemorySubscriptions } from "../../stores/subscriptions/memory-subscriptions.js";
import { createVirtualClock } from "../../stores/virtual-clock.js";
import { scratchFolder } from "../support/scratch.js";
import { describeDirectory } from "./directory.js";
import { describeDirectoryDevices } from "./directory-devices.js";
import type { DirectoryFactory } from "./directory-under-test.js";
import { describeSealedDirectory } from "./sealed-directory.js";
import { describeSubscriptions } from "./subscriptions.js";
import { describeSubscriptionsOfUsers } from "./subscriptions-of-users.js";
import { describeSubscriptionRaces } from "./subscriptions-races.js";
import type { SubscriptionsFactory } from "./subscriptions-under-test.js";

const clock = createVirtualClock();
const pass = async (ms: number): Promise<void> => clock.advance(ms);

/** An LMDB environment for one suite, and adapters in it. */
const embedded = <Port>(create: (environment: LmdbEnvironment) => Port) => {
  let environment: LmdbEnvironment | undefined;
  let end: () => Promise<void> = async () => undefined;
  const open = async (): Promise<Port> => {
    const folder = scratchFolder();
    const opened = openEnvironment(folder.path);
    environment = opened;
    end = async () => {
      await opened.close();
      folder.remove();
    };
    return create(opened);
  };
  return { open, another: async () => (environment ? create(environment) : open()), dispose: () => end() };
};

const directories = (): readonly DirectoryFactory[] => [
  { name: "memory", pass, open: async () => createMemoryDirectory(clock) },
  { name: "LMDB", pass, ...embedded((environment) => createLmdbDirectory(environment, clock)) },
];
for (const describeSuite of [describeDirectory, describeDirectoryDevices, describeSealedDirectory]) directories().forEach(describeSuite);

const stores: readonly SubscriptionsFactory[] = [
  { name: "memory", pass, another: "a change is one step", open: async () => createMemorySubscriptions(clock) },
  {
    name: "LMDB",
    pass,
    ...embedded((environment) => createLmdbSubscriptions(environment, clock)),
    another: "a change is one transaction",
  },
];
for (const factory of stores) {
  describeSubscriptions(factory);
  describeSubscriptionsOfUsers(factory);
  describeSubscriptionRaces(factory);
}
