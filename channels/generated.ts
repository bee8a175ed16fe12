// Generated from channels/types by `npm run generate`. Do not edit.

import { email } from "./types/email.js";
import { push } from "./types/push.js";
import { sms } from "./types/sms.js";

/** Every channel: a new one is a file in types/, and no more. */
export const channelDefinitions = { email, sms, push } as const;
