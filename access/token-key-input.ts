import { z } from "zod";
import { publicKeyOf, type TokenAlg, tokenAlgs } from "./public-key.js";

/** As the stores accept it: see `plainCredential` in stores/tenants/tenant-rules.ts. */
const kid = z.string().regex(/^[\x21-\x7e]{1,256}$/, "is not 1 to 256 printable ASCII characters without spaces");

const jwk = z.record(z.string(), z.unknown());

const keySetUrl = z
  .url({ protocol: /^https?$/, error: "is not an http or https URL" })
  .max(2_048, "has more than 2,048 characters")
  .refine(
    (text) => !URL.canParse(text) || (new URL(text).username === "" && new URL(text).password === ""),
    "contains a user name or a password",
  );

/**
 * The shape in which HTTP accepts keys of tokens. `alg` belongs to the key, so that no token can choose another one (RFC 8725, 3.1).
 */
export const tokenKeyInput = z
  .strictObject({
    kid: kid.optional().describe("give 1 to 256 printable ASCII characters without spaces, unique in the installation, or leave it out"),
    alg: z.enum(tokenAlgs as readonly [TokenAlg, ...TokenAlg[]]).describe(`give ${tokenAlgs.join(", ")}`),
    publicKey: z
      .union([z.string().max(16_384), jwk])
      .optional()
      .describe("give the public key in PEM, beginning with -----BEGIN PUBLIC KEY-----, or as a JSON Web Key"),
    jwksUrl: keySetUrl.optional().describe("give the URL of a JSON Web Key Set that has a key with this kid"),
  })
  .superRefine(({ kid: name, alg, publicKey, jwksUrl }, context) => {
    const issue = (path: string, message: string, fix: string): void =>
      context.addIssue({ code: "custom", path: [path], message, params: { fix } });
    if (publicKey === undefined && jwksUrl === undefined) issue("publicKey", "is missing", "give publicKey or jwksUrl");
    if (publicKey !== undefined && jwksUrl !== undefined) issue("jwksUrl", "is given with publicKey", "give one of both");
    if (jwksUrl !== undefined && name === undefined) issue("kid", "is missing", "give the kid of a key in the set");
    const read = publicKey === undefined ? undefined : publicKeyOf(publicKey, alg);
    if (read && "problem" in read) issue("publicKey", read.problem, read.fix);
  });

export type TokenKeyInput = z.output<typeof tokenKeyInput>;
