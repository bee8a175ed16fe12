import { expect, it } from "vitest";
import { checkRecipient } from "../../../channels/recipients.js";
import { push } from "../../../channels/types/push.js";

it.each([
  "arn:aws:sns:eu-west-1:123456789012:endpoint/APNS/app/5e3e9847-3183-3f18-a7e8-671c3a57d4b3",
  "apns:00fc13adff785122b4ad28809a3420982341241421348097878e577c991de8f0",
  "fcm:bk3RNwTe3H0:CI2k_HHwgIpoDKCIZvvDMExUdFQ3P1",
  "https://updates.push.example/wpush/v2/gAAAA%3D?k=1&v=2",
])("takes %s as a device", (to) => {
  expect(checkRecipient("push", ` ${to} `)).toEqual({ to });
});

it.each(["a@a.aa>", "<token>", 'a"b', "a\\b", "a`b", "a{b}", "a|b", "a^b", "a b", "", "a\nb", "é"])("takes no device %j", (to) => {
  expect(checkRecipient("push", to)).toMatchObject({ problem: "is not a device endpoint" });
});

it("an endpoint differs from another only where both are ARNs: platforms write tokens in several ways", () => {
  const { recipient, sender } = push;
  expect(recipient.isDifferentRecipient("arn:aws:sns:a", "arn:aws:sns:b")).toBe(true);
  expect(recipient.isDifferentRecipient("arn:aws:sns:a", "token")).toBe(false);
  expect(sender.read(" News ")).toEqual({ from: "News", identity: "News" });
  expect(sender.read("a\nb")).toMatchObject({ problem: "has a line break" });
  expect(sender.read("x".repeat(129))).toMatchObject({ problem: "is too long" });
});
