import { SESClient, VerifyEmailIdentityCommand } from "@aws-sdk/client-ses";
import {
  CreatePlatformApplicationCommand,
  CreatePlatformEndpointCommand,
  SetEndpointAttributesCommand,
  SNSClient,
} from "@aws-sdk/client-sns";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Provider } from "../../../processors/provider.js";
import { commandTo, sendContext } from "../../support/commands.js";
import { bareTools, createProvider } from "../../support/providers.js";
import { serverAddress } from "../../support/servers.js";

const region = "us-east-1";

beforeAll(() => {
  process.env.AWS_ACCESS_KEY_ID ??= "test";
  process.env.AWS_SECRET_ACCESS_KEY ??= "test";
});

describe("AWS SES", () => {
  let provider: Provider;
  let endpoint: string;
  beforeAll(async () => {
    endpoint = serverAddress("AWS");
    provider = await createProvider("ses", "email", {}, bareTools({ aws: { region, endpoint } }));
    const client = new SESClient({ region, endpoint });
    await client.send(new VerifyEmailIdentityCommand({ EmailAddress: "sender@carillon.test" }));
    client.destroy();
  });
  afterAll(() => provider.close());

  it("takes the MIME message as composed", async () => {
    const outcome = await provider.send(commandTo("email", "someone@carillon.test"), sendContext);
    expect(outcome).toMatchObject({ kind: "delivered" });
    const id = outcome.kind === "delivered" ? outcome.responseId : "";
    const { messages } = (await (await fetch(`${endpoint}/_aws/ses?id=${id}`)).json()) as {
      messages: { RawData: string; Source: string }[];
    };
    expect(messages).toHaveLength(1);
    expect(messages[0]?.Source).toBe("sender@carillon.test");
    expect(messages[0]?.RawData).toContain("X-Carillon-Message-ID: 0190b4d6-0000-7000-8000-000000000001");
    expect(messages[0]?.RawData).toContain("multipart/alternative");
  });

  it("waits for events when a configuration set reports them", async () => {
    const reporting = await createProvider("ses", "email", { configurationSet: "carillon" }, bareTools({ aws: { region, endpoint } }));
    expect(["accepted", "temporary_failure"]).toContain(
      (await reporting.send(commandTo("email", "someone@carillon.test"), sendContext)).kind,
    );
    await reporting.close();
  });

  it("refuses a sender that was not verified, for good", async () => {
    const outcome = await provider.send(commandTo("email", "someone@carillon.test", { from: "stranger@elsewhere.test" }), sendContext);
    expect(outcome).toMatchObject({ kind: "permanent_failure" });
  });

  it("is temporary when nobody listens", async () => {
    const nobody = await createProvider("ses", "email", {}, bareTools({ aws: { region, endpoint: "http://127.0.0.1:1" } }));
    expect(await nobody.send(commandTo("email", "someone@carillon.test"), sendContext)).toMatchObject({
      kind: "temporary_failure",
      reason: "provider_unavailable",
    });
    await nobody.close();
  });

  it("answers the doctor", async () => {
    expect(await provider.check()).toContain("SES answers");
  });
});

describe("AWS SNS push", () => {
  let provider: Provider;
  let client: SNSClient;
  let endpoint: string;
  const targets: Record<string, string> = {};
  beforeAll(async () => {
    endpoint = serverAddress("AWS");
    provider = await createProvider("sns", "push", {}, bareTools({ aws: { region, endpoint } }));
    client = new SNSClient({ region, endpoint });
    for (const Platform of ["GCM", "APNS"]) {
      const Attributes = { PlatformCredential: "key", PlatformPrincipal: "principal" };
      const { PlatformApplicationArn } = await client.send(
        new CreatePlatformApplicationCommand({ Name: `app-${Date.now()}`, Platform, Attributes }),
      );
      const { EndpointArn } = await client.send(
        new CreatePlatformEndpointCommand({ PlatformApplicationArn, Token: `token-${Date.now()}` }),
      );
      targets[Platform] = EndpointArn ?? "";
    }
  });
  afterAll(async () => {
    client.destroy();
    await provider.close();
  });

  it.each([
    ["GCM", { notification: { title: "Title", body: "Hi there" }, data: { order: "7" } }],
    ["APNS", { aps: { alert: { title: "Title", body: "Hi there" } }, order: "7" }],
  ])("publishes what %s takes to the endpoint", async (platform, expected) => {
    const target = targets[platform] ?? "";
    expect(await provider.send(commandTo("push", target), sendContext)).toMatchObject({ kind: "delivered" });
    const stored = (await (await fetch(`${endpoint}/_aws/sns/platform-endpoint-messages`)).json()) as {
      platform_endpoint_messages: Record<string, { Message: string; MessageStructure: string }[]>;
    };
    const [message] = stored.platform_endpoint_messages[target] ?? [];
    expect(message?.MessageStructure).toBe("json");
    // the endpoint's platform was chosen already; what is stored is its payload, encoded once more
    expect(JSON.parse(JSON.parse(message?.Message ?? '"{}"') as string)).toMatchObject(expected);
  });

  it("ends a message to a disabled endpoint for good", async () => {
    await client.send(new SetEndpointAttributesCommand({ EndpointArn: targets.GCM, Attributes: { Enabled: "false" } }));
    expect(await provider.send(commandTo("push", targets.GCM ?? ""), sendContext)).toMatchObject({
      kind: "permanent_failure",
      reason: "endpoint_disabled",
    });
  });

  it("ends a message to something that is no endpoint for good", async () => {
    expect(await provider.send(commandTo("push", "arn:aws:sns:us-east-1:000000000000:endpoint/GCM/none/none"), sendContext)).toMatchObject({
      kind: "permanent_failure",
    });
  });

  it("answers the doctor", async () => {
    expect(await provider.check()).toBe("SNS answers");
  });
});
