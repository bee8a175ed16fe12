import { provision } from "./provision.js";

/** `npm run servers`: starts the real servers and prints the variables with which Carillon and its tests find them. */
const { addresses, stop } = await provision();
const carillon: Readonly<Record<string, string>> = {
  CARILLON_TEST_KAFKA: "CARILLON_KAFKA_BROKERS",
  CARILLON_TEST_REDIS: "CARILLON_REDIS_URL",
  CARILLON_TEST_MONGO: "CARILLON_MONGO_URL",
  CARILLON_TEST_REGISTRY: "CARILLON_REGISTRY_URL",
  CARILLON_TEST_AWS: "CARILLON_AWS_ENDPOINT",
};
for (const [variable, address] of Object.entries(addresses)) {
  process.stdout.write(`export ${variable}=${address} ${carillon[variable] ?? variable}=${address}\n`);
}
process.stderr.write("servers: all up; Ctrl-C stops them\n");
const keepAlive = setInterval(() => undefined, 60_000);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    clearInterval(keepAlive);
    void stop().then(() => process.exit(0));
  });
}
