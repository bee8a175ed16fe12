import type { Config } from "../../config/schema.js";
import { createTemplateRenderer } from "../../processors/render-template.js";
import { unreadablePipelines } from "../../reports/pipeline-checks.js";
import { unfitProviders } from "../../sinks/providers/provider-checks.js";
import { unfitWebhooks } from "../../sinks/webhooks/webhook-checks.js";
import { unprovenCallbacks } from "../../sources/callbacks/callback-checks.js";
import { allDeliveryQueues } from "../../topology/delivery-queues.js";
import type { ConfigPart } from "../subsystem.js";

const unreadableTemplates = ({ templates }: Config): string[] => {
  const problems: string[] = [];
  createTemplateRenderer(templates, problems);
  return problems;
};

/** Delivery's part of the configuration, separate because every command reads it. Its keys are those of `config/schema.ts`. */
export const deliveryConfig: ConfigPart = {
  configKeys: {},
  queuesOf: allDeliveryQueues,
  problemsOf: (config) => [
    ...unfitProviders(config),
    ...unprovenCallbacks(config),
    ...unfitWebhooks(config),
    ...unreadablePipelines(config),
    ...unreadableTemplates(config),
  ],
};
