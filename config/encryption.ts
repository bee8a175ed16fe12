import { z } from "zod";
import { secret } from "./keys.js";

const keyBytes = 32;
const keyName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, "is not a valid name: use at most 64 letters, digits, ., - and _");

/** The encryption keys for recipients and contents. */
export const encryptionSchema = z
  .strictObject({
    active: keyName.nullable().default(null).describe("name of the key that encrypts new data; null: new data is not encrypted"),
    keys: z
      .record(
        keyName,
        z.strictObject({
          secret: secret
            .refine((text) => Buffer.from(text, "base64").length === keyBytes, "is not 32 bytes in base64 (openssl rand -base64 32)")
            .describe("32 bytes in base64"),
        }),
      )
      .default({})
      .describe("keys by name: the active key, and older keys that stored data still needs"),
  })
  .prefault({});
