import type { ProviderDefinition } from "./definition.js";
import { ses } from "./email/ses.js";
import { smtp } from "./email/smtp.js";
import { sns } from "./push/sns.js";
import { sandbox } from "./sandbox.js";
import { httpSms } from "./sms/http.js";
import { kaleyra } from "./sms/kaleyra.js";
import { smpp } from "./sms/smpp.js";
import { twilio } from "./sms/twilio.js";

/** Every type of provider. To add one, add a file in this folder and an entry here. */
export const providerDefinitions: readonly ProviderDefinition[] = [sandbox, smtp, ses, kaleyra, twilio, httpSms, smpp, sns];

export const definitionOf = (type: string): ProviderDefinition | undefined => providerDefinitions.find((one) => one.type === type);
