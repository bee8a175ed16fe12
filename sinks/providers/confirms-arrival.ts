import type { Config } from "../../config/schema.js";
import { definitionOf } from "./registry.js";

/** Whether the receipts of delivery of a configured provider come from the recipient's side, and not from a service before it. */
export const confirmsArrivalOf =
  ({ providers }: Pick<Config, "providers">) =>
  (name: string): boolean => {
    const type = Object.hasOwn(providers, name) ? providers[name]?.type : undefined;
    return type === undefined || definitionOf(type)?.confirmsAcceptanceOnly !== true;
  };
