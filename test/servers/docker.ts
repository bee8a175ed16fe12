import { runCommand } from "./shell.js";

/** The compose.yaml service for each variable, with its address. */
const services: Readonly<Record<string, { readonly service: string; readonly address: string }>> = {
  CARILLON_TEST_KAFKA: { service: "kafka", address: "127.0.0.1:9092" },
  CARILLON_TEST_REDIS: { service: "redis", address: "redis://127.0.0.1:6379" },
  CARILLON_TEST_MONGO: { service: "mongo", address: "mongodb://127.0.0.1:27017/" },
  CARILLON_TEST_REGISTRY: { service: "registry", address: "http://127.0.0.1:8081/apis/ccompat/v7" },
  CARILLON_TEST_AWS: { service: "aws", address: "http://127.0.0.1:4566" },
};

export const dockerRuns = (): Promise<boolean> =>
  runCommand("docker", ["info", "--format", "{{.ServerVersion}}"], { timeoutMs: 10_000 }).then(
    () => true,
    () => false,
  );

/** Starts the missing servers with compose. Resolves with their addresses by variable and a function that stops them. */
export const startByCompose = async (
  variables: readonly string[],
): Promise<{ addresses: Record<string, string>; stop: () => Promise<void> }> => {
  const wanted = variables.flatMap((variable) => {
    const entry = services[variable];
    return entry ? [{ variable, ...entry }] : [];
  });
  const compose = ["compose", "--project-name", "carillon-test", "--profile", "test"];
  const env = { CARILLON_API_KEY: "unused" }; // compose.yaml requires it, though Carillon itself is not started here
  await runCommand("docker", [...compose, "up", "--detach", "--wait", ...wanted.map((w) => w.service)], { timeoutMs: 900_000, env });
  return {
    addresses: Object.fromEntries(wanted.map((w) => [w.variable, w.address])),
    stop: async () => {
      await runCommand("docker", [...compose, "down", "--volumes"], { env });
    },
  };
};
