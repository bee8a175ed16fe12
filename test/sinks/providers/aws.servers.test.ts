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
import { eventually } from "../../support/eventually.js";
import { bareTools, createProvider } from "../../support/providers.js";
import { serverAddress } from "../../support/servers.js";

const region = "us-east-1";

beforeAll(() => {
  process.env.AWS_ACCESS_KEY_ID ??= "test";
  process.env.AWS_SECRET_ACCESS_KEY ??= "test";
});

describe("provider ses", () => {
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

  it("send: submits the MIME message as composed", async () => {
    const outcome = await provider.send(commandTo("email", "someone@carillon.test"), sendContext);
    expect(outcome).toMatchObject({ kind: "delivered" });
    const id = outcome.kind === "delivered" ? outcome.providerMessageId : "";
    const { messages } = (await (await fetch(`${endpoint}/_aws/ses?id=${id}`)).json()) as {
      messages: { RawData: string; Source: string }[];
    };
    expect(messages).toHaveLength(1);
    expect(messages[0]?.Source).toBe("sender@carillon.test");
    expect(messages[0]?.RawData).toContain("X-Carillon-Message-ID: 0190b4d6-0000-7000-8000-000000000001");
    expect(messages[0]?.RawData).toContain("multipart/alternative");
  });

  it("send: waits for events when a configuration set reports them", async () => {
    const reporting = await createProvider("ses", "email", { configurationSet: "carillon" }, bareTools({ aws: { region, endpoint } }));
    expect(["accepted", "temporary_failure"]).toContain(
      (await reporting.send(commandTo("email", "someone@carillon.test"), sendContext)).kind,
    );
    await reporting.close();
  });

  it("errors: fails permanently for an unverified sender", async () => {
    const outcome = await provider.send(commandTo("email", "someone@carillon.test", { from: "stranger@elsewhere.test" }), sendContext);
    expect(outcome).toMatchObject({ kind: "permanent_failure" });
  });

  it("errors: is temporary if no server listens", async () => {
    const nobody = await createProvider("ses", "email", {}, bareTools({ aws: { region, endpoint: "http://127.0.0.1:1" } }));
    expect(await nobody.send(commandTo("email", "someone@carillon.test"), sendContext)).toMatchObject({
      kind: "temporary_failure",
      reason: "provider_unavailable",
    });
    await nobody.close();
  });

  it("errors: answers the check of carillon doctor", async () => {
    expect(await provider.healthCheck()).toContain("SES answers");
  });
});

describe("provider sns", () => {
  let provider: Provider;
  let client: SNSClient;
  let endpoint: string;
  const targets: Record<string, string> = {};
  const applications: Record<string, string> = {};
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
      applications[Platform.toLowerCase()] = PlatformApplicationArn ?? "";
    }
  });
  afterAll(async () => {
    client.destroy();
    await provider.close();
  });

  it.each([
    ["GCM", { notification: { title: "Title", body: "Hi there" }, data: { order: "7" } }],
    ["APNS", { aps: { alert: { title: "Title", body: "Hi there" } }, order: "7" }],
  ])("send: publishes the payload of the platform to the endpoint: %s", async (platform, expected) => {
    const target = targets[platform] ?? "";
    expect(await provider.send(commandTo("push", target), sendContext)).toMatchObject({ kind: "delivered" });
    // the stand-in for SNS answers before it stores
    const message = await eventually(
      async () => {
        const stored = (await (await fetch(`${endpoint}/_aws/sns/platform-endpoint-messages`)).json()) as {
          platform_endpoint_messages: Record<string, { Message: string; MessageStructure: string }[]>;
        };
        return stored.platform_endpoint_messages[target]?.[0];
      },
      (found) => found !== undefined,
    );
    expect(message?.MessageStructure).toBe("json");
    // the endpoint's platform is chosen already; the stored value is its payload, encoded once more
    expect(JSON.parse(JSON.parse(message?.Message ?? '"{}"') as string)).toMatchObject(expected);
  });

  it("errors: fails permanently for a disabled endpoint", async () => {
    await client.send(new SetEndpointAttributesCommand({ EndpointArn: targets.GCM, Attributes: { Enabled: "false" } }));
    expect(await provider.send(commandTo("push", targets.GCM ?? ""), sendContext)).toMatchObject({
      kind: "permanent_failure",
      reason: "endpoint_disabled",
    });
  });

  it("errors: fails permanently for a recipient that is not an endpoint", async () => {
    expect(await provider.send(commandTo("push", "arn:aws:sns:us-east-1:000000000000:endpoint/GCM/none/none"), sendContext)).toMatchObject({
      kind: "permanent_failure",
    });
  });

  it("errors: answers the check of carillon doctor", async () => {
    expect(await provider.healthCheck()).toBe("SNS answers");
  });

  it("send: creates a device's endpoint with the first message, and enables it again when the app has a new token", async () => {
    const byToken = await createProvider("sns", "push", { applications }, bareTools({ aws: { region, endpoint } }));
    expect(await byToken.send(commandTo("push", "gcm:a-device"), sendContext)).toMatchObject({ kind: "delivered" });
    const arn = (await byToken.enable?.("gcm", "a-device", "shop")) ?? "";
    expect(arn).toContain(":endpoint/GCM/");
    await client.send(new SetEndpointAttributesCommand({ EndpointArn: arn, Attributes: { Enabled: "false" } }));
    expect(await byToken.send(commandTo("push", "gcm:a-device"), sendContext)).toMatchObject({ reason: "endpoint_disabled" });
    expect(await byToken.enable?.("gcm", "a-device", "shop")).toBe(arn);
    // a device belongs to the tenant that registered it first, and an operator may register any
    await expect(byToken.enable?.("gcm", "a-device", "other")).rejects.toMatchObject({
      code: "FORBIDDEN",
      message: expect.not.stringContaining("arn:"),
    });
    expect(await byToken.enable?.("gcm", "a-device", undefined)).toBe(arn);
    await expect(byToken.enable?.("constructor", "a-device", "shop")).rejects.toMatchObject({ code: "UNSENDABLE" });
    expect(await byToken.send(commandTo("push", "gcm:a-device"), sendContext)).toMatchObject({ kind: "delivered" });
    expect(await byToken.send(commandTo("push", "other:a-device"), sendContext)).toMatchObject({
      kind: "permanent_failure",
      detail: expect.stringContaining('there is no platform "other": gcm, apns are configured'),
    });
    await byToken.close();
  });
});
