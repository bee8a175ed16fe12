import { expect, it } from "vitest";
import { loadConfig } from "../../../service/load-config.js";
import { confirmsArrivalOf } from "../../../sinks/providers/confirms-arrival.js";

it("a receipt of SNS reports that APNs or FCM accepted the message, whatever the provider is called", () => {
  const providers = { phones: { type: "sns" } };
  const confirms = confirmsArrivalOf(loadConfig({ environment: {}, overrides: { providers } as never }));
  expect(["sns", "phones", "sandbox", "twilio", "of-a-tenant"].map(confirms)).toEqual([false, false, true, true, true]);
});
