import type { Command } from "commander";
import { maskOutput } from "../masked-output.js";
import { addressOf, type RemoteOptions } from "../remote/address.js";
import { configOf } from "../session.js";
import type { Deployment } from "./deployment.js";

/** Either is loaded only when it is used: a remote command opens no store, and a local one no connection. */
const openDeployment = async (command: Command): Promise<Deployment> => {
  const address = addressOf(command.optsWithGlobals<RemoteOptions>(), process.env);
  if (address) {
    const { createSecretMask } = await import("../../schemas/secret-mask.js");
    if (address.key !== undefined) maskOutput(createSecretMask([address.key]));
    const { createRemoteDeployment } = await import("../remote/remote-deployment.js");
    return createRemoteDeployment(address);
  }
  const config = configOf(command);
  const { createLocalDeployment } = await import("../local/local-deployment.js");
  return createLocalDeployment(config);
};

/** Opens what the command's options and the environment name, works, closes it. */
export const withDeployment = async <T>(command: Command, work: (deployment: Deployment) => Promise<T>): Promise<T> => {
  const deployment = await openDeployment(command);
  try {
    return await work(deployment);
  } finally {
    await deployment.close();
  }
};
