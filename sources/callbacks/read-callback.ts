import { checkTexts } from "../../client/well-formed.js";
import type { ProviderConfig } from "../../config/providers.js";
import { ignored, type Readings, readingsOf } from "../../processors/reading.js";
import { CarillonError } from "../../schemas/errors.js";
import type { CallbackRequest, ProviderDefinition, ProviderIdentity } from "../../sinks/providers/definition.js";
import { readUnit } from "../intake.js";
import { provenPart } from "./callback-auth.js";
import { isReadable } from "./callback-request.js";

/** The provider that a callback is for. */
export interface CallbackTarget {
  readonly identity: ProviderIdentity;
  readonly definition: ProviderDefinition;
  readonly options: Pick<ProviderConfig, "callback"> & Readonly<Record<string, unknown>>;
}

/** Refuses an id or a state that was not UTF-8, because it would never match. The bytes are kept as a dead letter. */
const refuseIllFormed = ({ fields, json }: CallbackRequest): void => {
  const [found] = checkTexts({ ...fields, ...(json === undefined ? {} : { json }) });
  if (found) throw new CarillonError("CALLBACK_REFUSED", `${found.field.replace(/^json\./, "")}: ${found.problem}`, { fix: found.fix });
};

/** Reports an unparsable body before a field that is missing because of it. */
const refuseUnread = (request: CallbackRequest, error: unknown): unknown => {
  if (isReadable(request) || !(error instanceof CarillonError) || error.code !== "CALLBACK_REFUSED") return error;
  const type = String(request.headers["content-type"] ?? "none").slice(0, 100);
  return new CarillonError("CALLBACK_REFUSED", `body: is neither JSON nor a form (content-type: ${type}); ${error.message}`, {
    fix: "configure the provider to send application/json or application/x-www-form-urlencoded",
  });
};

/** The events of a callback. Without a request, SNS only managed its subscription. */
export const readCallback = ({ definition, options }: CallbackTarget, request: CallbackRequest | undefined): Readings =>
  request
    ? readUnit(() => {
        refuseIllFormed(request);
        try {
          return definition.callbacks?.read(provenPart(options.callback, request), options) ?? readingsOf([]);
        } catch (error) {
          throw refuseUnread(request, error);
        }
      })
    : [ignored("subscription")];
