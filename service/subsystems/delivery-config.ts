import { allDeliveryQueues } from "../../topology/delivery-queues.js";
import { deliveryProblems } from "../config-checks.js";
import type { ConfigPart } from "../subsystem.js";

/** Delivery's part of the configuration: by itself, since every command reads it. Its keys are those of `config/schema.ts`. */
export const deliveryConfig: ConfigPart = { configKeys: {}, problemsOf: deliveryProblems, queuesOf: allDeliveryQueues };
