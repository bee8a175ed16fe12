import type { Command } from "commander";
import type { Config } from "../../config/schema.js";
import { inCommand } from "../in-command.js";
import { maskOutput } from "../masked-output.js";
import { type Address, addressOf, type RemoteOptions } from "../remote/address.js";
import { configOf } from "../session.js";
import type { Deployment } from "./deployment.js";

/** The target without a named server: the one that runs on the data folder, or always the command's own configuration. */
type Unnamed = "local server" | "own configuration";

// each is loaded only when used: a command on a server opens no store, and one on the stores no connection

const onServer = async (address: Address): Promise<Deployment> => {
  const { createRemoteDeployment } = await import("../remote/remote-deployment.js");
  return createRemoteDeployment(address);
};

const onNamed = async (address: Address): Promise<Deployment> => {
  const { createSecretMask } = await import("../../schemas/secret-mask.js");
  if (address.key !== undefined) maskOutput(createSecretMask([address.key]));
  return onServer(address);
};

const onStores = async (config: Config): Promise<Deployment> => {
  const { createLocalDeployment } = await import("../local/local-deployment.js");
  return createLocalDeployment(config);
};

const onThisMachine = async (config: Config, unnamed: Unnamed): Promise<Deployment> => {
  if (unnamed === "own configuration") return onStores(config);
  const { localServerOf } = await import("../remote/local-server.js");
  const server = await localServerOf(config);
  return server ? onServer(server) : onStores(config);
};

/** Opens the target in the command's options and the environment, calls `work`, closes it. */
export const withDeployment = async <T>(
  command: Command,
  work: (deployment: Deployment) => Promise<T>,
  unnamed: Unnamed = "local server",
): Promise<T> => {
  const address = addressOf(command.optsWithGlobals<RemoteOptions>(), process.env);
  const deployment = await (address ? onNamed(address) : onThisMachine(configOf(command), unnamed));
  try {
    return await work(deployment);
  } catch (error) {
    throw inCommand(command, error);
  } finally {
    await deployment.close();
  }
};
