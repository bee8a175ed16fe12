import { readBy } from "../channels/read-by.js";
import { readLocale, readTimeZone } from "../config/locale-names.js";

export const locale = readBy(readLocale)
  .nullable()
  .optional()
  .describe("the user's language")
  .meta({ wanted: "a language tag such as en or pt-BR" });
export const timeZone = readBy(readTimeZone)
  .nullable()
  .optional()
  .describe("the user's time zone")
  .meta({ wanted: "a name of the IANA database such as Europe/Paris" });
