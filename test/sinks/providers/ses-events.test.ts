import { describe, expect, it } from "vitest";
import { readSesEvent } from "../../../sinks/providers/email/ses-events.js";

const tags = { "carillon-message-id": ["m-1"], "carillon-attempt": ["2"] };
const mail = { messageId: "ses-1", tags };
const known = { providerMessageId: "ses-1", messageId: "m-1", attempt: 2 };
const timestamp = "2026-11-22T10:00:00.000Z";
const atMs = Date.parse(timestamp);

/** Events in the shapes that the SES developer guide documents. */
describe("provider ses, events", () => {
  it.each([
    [
      { eventType: "Send", mail, send: {} },
      { ...known, event: "accepted" },
    ],
    [
      { eventType: "Delivery", mail, delivery: { timestamp, smtpResponse: "250 ok" } },
      { ...known, event: "delivered", detail: "250 ok", atMs },
    ],
    [
      {
        eventType: "Bounce",
        mail,
        bounce: {
          bounceType: "Permanent",
          bounceSubType: "General",
          timestamp,
          bouncedRecipients: [{ emailAddress: "a@b.test", diagnosticCode: "smtp; 550 5.1.1" }],
        },
      },
      { ...known, event: "permanent_failure", reason: "recipient_rejected", detail: "Permanent General smtp; 550 5.1.1", atMs },
    ],
    [
      { eventType: "Bounce", mail, bounce: { bounceType: "Transient", bounceSubType: "MailboxFull", timestamp } },
      { ...known, event: "temporary_failure", reason: "recipient_unavailable", detail: "Transient MailboxFull", atMs },
    ],
    [
      { eventType: "Complaint", mail, complaint: { complaintFeedbackType: "abuse", timestamp } },
      { ...known, event: "complained", reason: "complained", detail: "abuse", atMs, discriminator: `Complaint:${timestamp}` },
    ],
    [
      { eventType: "Open", mail, open: { timestamp } },
      { ...known, event: "opened", atMs, discriminator: `Open:${timestamp}` },
    ],
    [
      { eventType: "Click", mail, click: { timestamp, link: "https://carillon.test" } },
      { ...known, event: "clicked", detail: "https://carillon.test", atMs, discriminator: `Click:${timestamp}` },
    ],
    [
      { eventType: "Reject", mail, reject: { reason: "Bad content" } },
      { ...known, event: "permanent_failure", reason: "content_rejected", detail: "Bad content" },
    ],
    [
      { eventType: "DeliveryDelay", mail, deliveryDelay: { delayType: "MailboxFull", timestamp } },
      {
        ...known,
        event: "delayed",
        reason: "recipient_unavailable",
        detail: "MailboxFull",
        atMs,
        discriminator: `DeliveryDelay:${timestamp}`,
      },
    ],
    [
      { eventType: "Rendering Failure", mail, failure: { errorMessage: "Attribute 'x' is not present", templateName: "t" } },
      { ...known, event: "permanent_failure", reason: "template_failed", detail: "Attribute 'x' is not present" },
    ],
    [
      { eventType: "Complaint", mail, complaint: { complaintSubType: "OnAccountSuppressionList", timestamp } },
      {
        ...known,
        event: "permanent_failure",
        reason: "recipient_rejected",
        detail: "OnAccountSuppressionList",
        atMs,
        discriminator: `Complaint:${timestamp}`,
      },
    ],
    [
      { eventType: "Complaint", mail, complaint: { complaintSubType: null, complaintFeedbackType: "not-spam", timestamp } },
      { ...known, event: "accepted", detail: "not-spam", atMs, discriminator: `Complaint:${timestamp}` },
    ],
    [
      { eventType: "Bounce", mail, bounce: { bounceType: "Permanent", bounceSubType: "OnAccountSuppressionList" } },
      { ...known, event: "permanent_failure", reason: "recipient_rejected", detail: "Permanent OnAccountSuppressionList" },
    ],
    [
      { eventType: "Bounce", mail, bounce: { bounceType: "Transient", bounceSubType: "MessageTooLarge" } },
      { ...known, event: "permanent_failure", reason: "content_too_large", detail: "Transient MessageTooLarge" },
    ],
    [
      { eventType: "Bounce", mail, bounce: { bounceType: "Transient", bounceSubType: "ContentRejected" } },
      { ...known, event: "permanent_failure", reason: "content_rejected", detail: "Transient ContentRejected" },
    ],
    [
      { eventType: "Bounce", mail, bounce: { bounceType: "Undetermined", bounceSubType: "Undetermined" } },
      { ...known, event: "temporary_failure", reason: "recipient_unavailable", detail: "Undetermined Undetermined" },
    ],
    [
      { eventType: "DeliveryDelay", mail, deliveryDelay: { delayType: "SpamDetected" } },
      { ...known, event: "delayed", reason: "content_rejected", detail: "SpamDetected", discriminator: "DeliveryDelay:" },
    ],
    [
      { eventType: "Subscription", mail, subscription: { source: "UnsubscribeHeader", timestamp } },
      { ...known, event: "accepted", detail: "UnsubscribeHeader", atMs, discriminator: `Subscription:${timestamp}` },
    ],
    [
      { notificationType: "Delivery", mail: { messageId: "ses-1" }, delivery: {} },
      { providerMessageId: "ses-1", event: "delivered" },
    ],
  ])("receipt: reads events: %j", (event, expected) => {
    expect(readSesEvent(event)).toEqual(expected);
  });

  /** According to the tables of the SES developer guide. Subtypes outside them have their type's meaning. */
  it.each([
    ["Permanent", "General NoEmail Suppressed OnAccountSuppressionList OnTenantSuppressionList NewOne", "permanent_failure"],
    ["Transient", "General MailboxFull CustomTimeoutExceeded NewOne", "temporary_failure"],
    ["Transient", "MessageTooLarge ContentRejected AttachmentRejected", "permanent_failure"],
    ["Undetermined", "Undetermined", "temporary_failure"],
    ["NewType", "NewOne", "accepted"],
  ])("receipt: maps bounces by type and sub-type: %s, %s", (bounceType, subTypes, event) => {
    const events = subTypes
      .split(" ")
      .map((bounceSubType) => readSesEvent({ eventType: "Bounce", mail, bounce: { bounceType, bounceSubType } }).event);
    expect(events).toEqual(events.map(() => event));
  });

  it.each([
    ["abuse", "complained"],
    ["fraud", "complained"],
    ["virus", "complained"],
    ["other", "complained"],
    ["not-spam", "accepted"],
    ["auth-failure", "accepted"],
  ])("receipt: maps complaints: %s", (complaintFeedbackType, event) => {
    expect(readSesEvent({ eventType: "Complaint", mail, complaint: { complaintFeedbackType } })).toMatchObject({ event });
  });

  it.each([
    ["General MailboxFull RecipientServerError TransientCommunicationFailure Undetermined NewOne", "recipient_unavailable"],
    ["InternalFailure IPFailure BYOIPHostNameLookupUnavailable", "provider_unavailable"],
    ["SendingDeferral", "provider_throttled"],
    ["SpamDetected", "content_rejected"],
  ])("receipt: maps delays: %s", (types, reason) => {
    for (const delayType of types.split(" "))
      expect(readSesEvent({ eventType: "DeliveryDelay", mail, deliveryDelay: { delayType } })).toMatchObject({ event: "delayed", reason });
  });

  it("receipt: forwards an unknown event as a receipt that decides nothing", () => {
    expect(readSesEvent({ eventType: "Sneeze", mail })).toEqual({
      ...known,
      event: "accepted",
      discriminator: "Sneeze:",
      unknownState: "Sneeze",
    });
  });

  it.each([
    [null, "eventType"],
    [{}, "mail"],
    [{ eventType: "Send", mail: {} }, "mail.messageId"],
    [{ mail }, "eventType"],
  ])("receipt: rejects an invalid event and names the field: %j", (event, field) => {
    expect(() => readSesEvent(event)).toThrow(field);
  });
});
