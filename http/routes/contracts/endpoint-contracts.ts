import { z } from "zod";
import { rulesOf } from "../../../channels/rules-of.js";
import type { Channel } from "../../../schemas/generated.js";
import { channels } from "../../../schemas/vocabulary.js";
import { json, problem } from "../../contract/answers.js";
import { defineRoute } from "../../contract/route-contract.js";

export const registerDevice = (channel: Channel) =>
  defineRoute({
    method: "POST",
    url: `/v1/${channel}/endpoints`,
    access: "tenant",
    id: `register${channel.charAt(0).toUpperCase()}${channel.slice(1)}Endpoint`,
    tag: "devices",
    summary: `Register a device for ${rulesOf(channel).label}`,
    description: "Answers with the recipient to send to.",
    body: z.strictObject({
      platform: z.string().min(1).max(100).describe("name of a platform application, such as apns"),
      token: z
        .string()
        .regex(/^[\x21-\x7e]{1,2048}$/, "is not a device token")
        .describe("device token that the platform issued to the app"),
    }),
    answers: {
      200: json(z.strictObject({ endpoint: z.string() }), "The device is registered"),
      403: problem("The platform application belongs to another tenant"),
      404: problem("No provider of the channel manages endpoints"),
      422: problem("The platform refused the token"),
    },
  });

/** The channels whose devices are registered. */
export const endpointChannels: readonly Channel[] = channels.filter((channel) => rulesOf(channel).hasEndpoints);
