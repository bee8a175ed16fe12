import type { CheckedMessage } from "../client/check-message.js";
import { noTimes } from "../client/times.js";
import { toWellFormed } from "../client/well-formed.js";
import type { MessageRequested } from "../schemas/generated.js";

const countryCode = /^[A-Z]{2}$/;
const regionCode = /^[A-Z]{2}-[A-Z0-9]{1,3}$/;
const mostTemplateChars = 100;

/** The fields that reports count by: the recipient's own country, else the one in the sender's metadata (ISO 3166-1 and -2). */
const countedBy = ({ template, metadata }: MessageRequested, message: CheckedMessage | undefined): Record<string, string> => {
  const region = regionCode.test(metadata.region ?? "") ? metadata.region : undefined;
  const fromMetadata = countryCode.test(metadata.country ?? "") ? metadata.country : undefined;
  const country = region?.slice(0, 2) ?? message?.country ?? fromMetadata;
  const { notBefore, expiresAt } = message ?? noTimes;
  return {
    ...(template ? { template: toWellFormed(template.slice(0, mostTemplateChars)) } : {}),
    ...(country ? { country } : {}),
    ...(region ? { region } : {}),
    ...(notBefore === null ? {} : { notBefore: new Date(notBefore).toISOString() }),
    ...(expiresAt === null ? {} : { expiresAt: new Date(expiresAt).toISOString() }),
  };
};

const mostUserChars = 256;

const userOf = ({ user }: MessageRequested): Record<string, string> => (user ? { user: toWellFormed(user.slice(0, mostUserChars)) } : {});

/** The plan of steps that the message belongs to, and why its step was sent. */
const placeOf = ({ fallback }: MessageRequested): Record<string, string> =>
  fallback
    ? {
        recipientId: toWellFormed(fallback.recipientId.slice(0, mostUserChars)),
        step: String(fallback.step),
        ...(fallback.why === null ? {} : { sentBecause: toWellFormed(fallback.why.slice(0, mostUserChars)) }),
      }
    : {};

/** The details of the first step of a request: the fields that reports count by, the user that it is for, and its place in a plan. */
export const acceptanceDetails = (request: MessageRequested, message: CheckedMessage | undefined): Record<string, string> => ({
  ...countedBy(request, message),
  ...userOf(request),
  ...placeOf(request),
});
