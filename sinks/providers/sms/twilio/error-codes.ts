import type { ErrorTable, FailureMeaning } from "../../definition.js";

const each = (meaning: FailureMeaning, codes: readonly number[]): Readonly<Record<number, FailureMeaning>> =>
  Object.fromEntries(codes.map((code) => [code, meaning]));

/** The account or its configuration is at fault, so another provider may accept the messages. */
const ofAccount = each({ kind: "temporary_failure", reason: "account_rejected" }, [
  10001, // Account is not active
  20003, // Permission Denied
  20005, // Account not active
  20006, // Access Denied
  20008, // Test Credentials
  20010, // Action disabled for account
  20403, // Forbidden: the account is suspended or closed
  20404, // Not Found: there is no such account
  21608, // The 'To' phone number is not yet verified for this (trial) account
  21701, // The Messaging Service does not exist
  21702, // The Messaging Service is not available to send new messages
  21704, // The Messaging Service contains no phone numbers
  21705, // The Messaging Service is invalid
  30002, // Account suspended
  30035, // Message from a number still being configured: within minutes, as a rule
  30037, // Outbound Messaging Disabled
  30404, // Not Found: AccountSid or MessagingServiceSid
  90010, // Account is not active
]);

const ofSender = each({ kind: "permanent_failure", reason: "sender_rejected" }, [
  21212, // Invalid 'From' Number
  21267, // Alphanumeric Sender ID cannot be used on trial accounts
  21601, // Phone number is not a valid SMS-capable inbound phone number
  21603, // A 'From' or 'MessagingServiceSid' parameter is required
  21606, // 'From' is not message-capable for this destination or account
  21657, // The Sender ID is invalid
  21659, // 'From' is not a Twilio phone number, or Short Code country mismatch
  21660, // Mismatch between the 'From' number and the account
  21661, // 'From' number is not SMS-capable
  21703, // The Messaging Service has no number that can send this
  30018, // Destination carrier requires sender ID pre-registration (a warning; 30040 is the error)
  30024, // Numeric Sender ID Not Provisioned on Carrier
  30032, // Toll-Free Number Has Not Been Verified
  30033, // US A2P 10DLC: Campaign Suspended
  30034, // US A2P 10DLC: Message from an Unregistered Number
  30040, // Destination carrier requires Sender ID pre-registration
  30041, // Message from an unregistered number sent to a United Kingdom number
  30042, // The Sender ID is blocked as generic
  30043, // International SMS via Domestic Gateway
  30620, // The content does not match the registered use case of the Sender ID
]);

const ofRecipient = each({ kind: "permanent_failure", reason: "recipient_rejected" }, [
  21211, // Invalid 'To' Phone Number
  21265, // 'To' number cannot be a Short Code
  21266, // 'To' and 'From' numbers cannot be the same
  21268, // Premium rate or Information Service numbers are not allowed
  21408, // Permission to send to the region of 'To' has not been enabled
  21610, // Attempt to send to unsubscribed recipient
  21612, // Message cannot be sent with this combination of 'To' and 'From'
  21614, // 'To' number is not a valid mobile number
  21635, // 'To' number cannot be a landline
  30004, // Message blocked
  30005, // Unknown destination handset
  30006, // Landline or unreachable carrier
  30630, // Attempt to send to unsubscribed recipient
]);

/** The recipient may be reachable later: 30003 means a switched-off handset, the others are blocks that expire. */
const later = each({ kind: "temporary_failure", reason: "recipient_unavailable" }, [
  30003, // Unreachable destination handset
  30450, // Message delivery blocked (SMS pumping protection: 15 to 30 minutes)
  30453, // Message couldn't be delivered (SMS pumping protection: a few hours)
  30485, // Message couldn't be delivered (suspected fraud: a few hours)
  30610, // Not at this hour in the recipient's location
  30615, // Not at this hour in the recipient's location
]);

const ofContent = each({ kind: "permanent_failure", reason: "content_rejected" }, [
  30007, // Message filtered
]);

const tooLarge = each({ kind: "permanent_failure", reason: "content_too_large" }, [
  21617, // The concatenated message body exceeds the 1600 character limit
  30019, // Content size exceeds carrier limit
  30044, // Trial Message Length Exceeded
]);

/** Not sent by Twilio, possibly sent by another attempt. */
const ofProvider = each({ kind: "temporary_failure", reason: "provider_unavailable" }, [
  30008, // Unknown error: the carrier reports that it did not deliver, without a reason
  30017, // Carrier network congestion
  30020, // Internal Failure with Message Scheduling
  30021, // Internal Failure with messaging service orchestrator
  30500, // Twilio Internal Error: try sending the message again
]);

const throttled = each({ kind: "throttled", reason: "provider_throttled" }, [
  14107, // SMS send rate limit exceeded
  20429, // Too Many Requests: never processed
  21611, // This 'From' number has exceeded the maximum number of queued messages
  30001, // Queue overflow
  30022, // US A2P 10DLC: Rate Limits Exceeded
  30023, // US A2P 10DLC: Daily Message Cap Reached
  30027, // US A2P 10DLC: T-Mobile Daily Message Limit Reached
  30036, // Validity Period Expired: too long in Twilio's own queue
  63038, // Account exceeded the daily messages limit
]);

/** "Messages are failed and not retried to avoid duplicate message delivery." */
const mayHaveBeenSent = each({ kind: "ambiguous", reason: "provider_timeout" }, [
  30410, // Provider Timeout Error
]);

export const twilioErrors: ErrorTable = {
  of: "Twilio error code",
  source: "Twilio documentation, Error and Warning Dictionary. Other codes are decided by the HTTP status, or by the message's status",
  meanings: {
    ...ofAccount,
    ...ofSender,
    ...ofRecipient,
    ...later,
    ...ofContent,
    ...tooLarge,
    ...ofProvider,
    ...throttled,
    ...mayHaveBeenSent,
  },
};
