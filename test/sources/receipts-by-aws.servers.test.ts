import { CloudWatchLogsClient, CreateLogGroupCommand, CreateLogStreamCommand, PutLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  CreateConfigurationSetCommand,
  CreateConfigurationSetEventDestinationCommand,
  SESClient,
  VerifyEmailIdentityCommand,
} from "@aws-sdk/client-ses";
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, GetQueueAttributesCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Provider } from "../../processors/provider.js";
import { definitionOf } from "../../sinks/providers/registry.js";
import { readReceiptLog } from "../../sources/read-receipt-log.js";
import { createMemoryCells } from "../../stores/cells/memory-cells.js";
import { systemClock } from "../../stores/clock.js";
import { commandTo, sendContext } from "../support/commands.js";
import { eventually } from "../support/eventually.js";
import { type BareTools, bareTools, createProvider, optionsOf } from "../support/providers.js";
import { uniqueName } from "../support/scratch.js";
import { serverAddress } from "../support/servers.js";

const region = "us-east-1";

beforeAll(() => {
  process.env.AWS_ACCESS_KEY_ID ??= "test";
  process.env.AWS_SECRET_ACCESS_KEY ??= "test";
});

describe("provider ses, with its events by SNS and SQS", () => {
  let aws: { region: string; endpoint: string };
  let sqs: SQSClient;
  let sns: SNSClient;
  let queueUrl: string;
  let topicArn: string;
  let provider: Provider;
  let stop: (() => Promise<void>) | undefined;
  const configurationSet = uniqueName("set");
  const tools = bareTools();
  let taken = true;
  let refusals = 0;
  const waiting = async (): Promise<number> => {
    const names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] as const;
    const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [...names] }));
    return names.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0);
  };
  beforeAll(async () => {
    aws = { region, endpoint: serverAddress("AWS") };
    [sqs, sns] = [new SQSClient(aws), new SNSClient(aws)];
    const ses = new SESClient(aws);
    const created = await sqs.send(new CreateQueueCommand({ QueueName: uniqueName("events"), Attributes: { VisibilityTimeout: "2" } }));
    queueUrl = created.QueueUrl ?? "";
    topicArn = (await sns.send(new CreateTopicCommand({ Name: uniqueName("events") }))).TopicArn ?? "";
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ["QueueArn"] }));
    await sns.send(new SubscribeCommand({ TopicArn: topicArn, Protocol: "sqs", Endpoint: Attributes?.QueueArn ?? "" }));
    await ses.send(new VerifyEmailIdentityCommand({ EmailAddress: "sender@carillon.test" }));
    await ses.send(new CreateConfigurationSetCommand({ ConfigurationSet: { Name: configurationSet } }));
    await ses.send(
      new CreateConfigurationSetEventDestinationCommand({
        ConfigurationSetName: configurationSet,
        EventDestination: {
          Name: "sns",
          Enabled: true,
          MatchingEventTypes: ["send", "delivery", "bounce", "complaint"],
          SNSDestination: { TopicARN: topicArn },
        },
      }),
    );
    ses.destroy();
    provider = await createProvider("ses", "email", { configurationSet }, bareTools({ aws }));
    const receive: BareTools["receive"] = (...units) => {
      refusals += taken ? 0 : 1;
      if (!taken) throw new Error("the log is away");
      return tools.receive(...units);
    };
    stop = await definitionOf("ses")?.listen?.(
      { name: "ses", channel: "email" },
      optionsOf("ses", { configurationSet, queueUrl, queueReaders: 1 }),
      bareTools({ aws, receive }),
    );
  });
  afterAll(async () => {
    await stop?.();
    await provider.close();
    sqs.destroy();
    sns.destroy();
  });

  it("receipt: reads the event of a mail from the queue, and finds the mail by its tags", async () => {
    const outcome = await provider.send(commandTo("email", "someone@carillon.test", { attempt: 2 }), sendContext);
    expect(outcome.kind).toBe("accepted");
    const providerMessageId = outcome.kind === "accepted" ? outcome.providerMessageId : "";
    const own = await eventually(
      () => tools.receipts.filter((receipt) => receipt.providerMessageId === providerMessageId),
      (receipts) => receipts.some(({ event }) => event === "delivered"),
    );
    expect(own.find(({ event }) => event === "delivered")).toMatchObject({ messageId: "0190b4d6-0000-7000-8000-000000000001", attempt: 2 });
    await eventually(waiting, (count) => count === 0);
  });

  // the server here sends no bounces itself: this one is published to the topic in the shape that SES documents
  it("receipt: reads a bounce, and deletes it from the queue only after the log has it", async () => {
    taken = false;
    const bounce = { bounceType: "Permanent", bounceSubType: "General", timestamp: new Date().toISOString(), bouncedRecipients: [] };
    const Message = JSON.stringify({ eventType: "Bounce", mail: { messageId: "ses-bounce" }, bounce });
    await sns.send(new PublishCommand({ TopicArn: topicArn, Message }));
    await eventually(
      () => refusals,
      (count) => count > 1,
      30_000,
    ); // the queue delivered it again
    expect(await waiting()).toBe(1);
    taken = true;
    await eventually(
      () => tools.receipts.find(({ providerMessageId }) => providerMessageId === "ses-bounce"),
      (receipt) => receipt?.event === "permanent_failure",
      30_000,
    );
    await eventually(waiting, (count) => count === 0);
  });

  it("receipt: keeps an unreadable message as a dead letter, deletes it from the queue, and continues", async () => {
    await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: "not an event" }));
    const Message = JSON.stringify({ eventType: "Open", mail: { messageId: "ses-open" }, open: { timestamp: new Date().toISOString() } });
    await sns.send(new PublishCommand({ TopicArn: topicArn, Message }));
    await eventually(
      () => tools.receipts.find(({ providerMessageId }) => providerMessageId === "ses-open"),
      (receipt) => receipt?.event === "opened",
      30_000,
    );
    await eventually(waiting, (count) => count === 0);
    expect(tools.readings.filter(({ kind }) => kind === "unreadable")).toHaveLength(1);
  });

  it("limit: reports the rate of the account", async () => {
    expect(await provider.sendRate?.()).toBeGreaterThan(0);
  });
});

describe("provider sns, with its delivery status in CloudWatch Logs", () => {
  it("receipt: resumes the log group where it stopped, page by page, without gaps", async () => {
    const aws = { region, endpoint: serverAddress("AWS") };
    const logs = new CloudWatchLogsClient(aws);
    const logGroupName = `sns/us-east-1/000000000000/app/GCM/${uniqueName("app")}`;
    const logStreamName = "stream";
    await logs.send(new CreateLogGroupCommand({ logGroupName }));
    await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
    const put = (ids: readonly string[]): Promise<unknown> =>
      logs.send(
        new PutLogEventsCommand({
          logGroupName,
          logStreamName,
          logEvents: ids.map((messageId) => ({
            timestamp: Date.now(),
            message: JSON.stringify({
              status: "SUCCESS",
              notification: { messageId, timestamp: "2026-11-22 10:00:00.0" },
              delivery: { statusCode: 200 },
            }),
          })),
        }),
      );
    const provider = await createProvider("sns", "push", { deliveryStatus: true, logGroups: [logGroupName] }, bareTools({ aws }));
    const cells = createMemoryCells(systemClock);
    const { receipts, receive } = bareTools();
    const { signal } = new AbortController();
    await put(["sns-1", "sns-2"]);
    await readReceiptLog(provider, { cells, receive }, signal);
    expect(new Set(receipts.map(({ providerMessageId }) => providerMessageId))).toEqual(new Set(["sns-1", "sns-2"]));
    const away = (): Promise<void> => Promise.reject(new Error("the log is away"));
    await put(["sns-3"]);
    await expect(readReceiptLog(provider, { cells, receive: away }, signal)).rejects.toThrow("away");
    await readReceiptLog(provider, { cells, receive }, signal);
    expect(receipts.find(({ providerMessageId }) => providerMessageId === "sns-3")).toMatchObject({ event: "delivered" });
    await provider.close();
    logs.destroy();
  });
});
