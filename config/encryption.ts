import { z } from "zod";
import { secret } from "./keys.js";

const keyBytes = 32;
const keyName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, "is not a name: letters, digits, ., - and _, at most 64");

/** The encryption keys for recipients and contents. */
export const encryptionSchema = z
  .strictObject({
    active: keyName
      .nullable()
      .default(null)
      .describe("name of the key that what is stored from now on is encrypted under; null: nothing more is encrypted"),
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
      .describe("keys by name: the active one, and those that something stored still needs"),
  })
  .prefault({});
