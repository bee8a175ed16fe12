import { z } from "zod";
import { textOf } from "../../wire/decode-body.js";
import { parseJson } from "../../wire/parse-json.js";

const notification = z.object({ Type: z.literal("Notification"), Message: z.string() });

/** Extracts the event from a queued message. SNS wraps the event unless raw delivery is on. */
export const eventInMessage = (body: Buffer): string => {
  const text = textOf(body);
  const parsed = notification.safeParse(parseJson(text));
  return parsed.success ? parsed.data.Message : text;
};
