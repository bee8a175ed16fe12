import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { expect, it } from "vitest";
import { CarillonError, createHttpClient, createKafkaClient, type HttpClientOptions, type KafkaClientOptions } from "../../client/index.js";
import { freePort } from "../servers/shell.js";

const url = "http://127.0.0.1:1";
const kafka = { brokers: ["kafka-1:9092"], registryUrl: "http://registry:8081", tenant: "shop" };
const sms = { channel: "sms", to: "+14155550100", content: { text: "Hi" } };

const httpError = (options: unknown): CarillonError => refusalOf(() => createHttpClient(options as HttpClientOptions));
const kafkaError = (options: unknown): CarillonError => refusalOf(() => createKafkaClient(options as KafkaClientOptions));

const refusalOf = (create: () => unknown): CarillonError => {
  try {
    create();
  } catch (error) {
    if (error instanceof CarillonError) return error;
    throw error;
  }
  throw new Error("the options were accepted");
};

it.each([
  ["apiKey", "secretkey\nnewline1234567"],
  ["apiKey", "secretkeyü1234567"],
  ["apiKey", "secretkey 1234567"],
  ["apiKey", "secretkey1234567\n"],
  ["apiKey", ""],
  ["apiKey", null],
  ["concurrency", 0],
  ["concurrency", -3],
  ["concurrency", Number.NaN],
  ["concurrency", Number.POSITIVE_INFINITY],
  ["concurrency", 1.5],
  ["concurrency", "many"],
  ["deadlineMs", Number.NaN],
  ["deadlineMs", 0],
  ["deadlineMs", 2 ** 31],
  ["requestTimeoutMs", 0],
  ["requestTimeoutMs", Number.NaN],
  ["closeTimeoutMs", -1],
  ["tenant", 5],
  ["tenant", ""],
  ["tenant", "a\nb"],
  ["traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"],
  ["limits.smsSegments", -1],
  ["limits.contentBytes", 0],
  ["limits.smsParts", 3],
  ["timeoutMs", 5_000],
  ["url", undefined],
  ["url", "http://u:secretp@127.0.0.1"],
  ["url", "http://127.0.0.1/v1"],
  ["url", "http://127.0.0.1/mail/v1/"],
  ["url", "http://127.0.0.1/v1/messages"],
])("refuses the option %s of the client over HTTP: %j", (field, value) => {
  const [name = "", part] = field.split(".");
  const error = httpError({ url, [name]: part === undefined ? value : { [part]: value } });
  expect(error).toMatchObject({ code: "INPUT_INVALID", field, fix: expect.stringMatching(/^(give|leave) /) });
  expect(inspect(error)).not.toContain("secret");
});

it.each<readonly [string, object]>([
  ["brokers", { brokers: [] }],
  ["brokers", { brokers: "x" }],
  ["brokers.1", { brokers: ["kafka-1:9092", "kafka-2"] }],
  ["registryUrl", { registryUrl: "zz" }],
  ["registryUrl", { registryUrl: "http://u:secretp@registry:8081" }],
  ["registryAccess.password", { registryAccess: { username: "u" } }],
  ["registryAccess.user", { registryAccess: { user: "u" } }],
  ["sasl.mechanism", { sasl: { mechanism: "PLAIN", username: "u", password: "secret" } }],
  ["sasl.password", { sasl: { mechanism: "plain", username: "u" } }],
  ["sasl.token", { sasl: { mechanism: "oauthbearer", token: "secret" } }],
  ["tls", { tls: true }],
  ["tls.ca", { tls: { ca: 5 } }],
  ["tenant", { tenant: undefined }],
  ["tenant", { tenant: 5 }],
  ["tenant", { tenant: "" }],
  ["limits.smsSegments", { limits: { smsSegments: -1 } }],
  ["traceparent", { traceparent: 5 }],
  ["tracestate", { tracestate: "a=b" }],
  ["prefix", { prefix: "a b" }],
  ["clientId", { clientId: "" }],
  ["lingerMs", { lingerMs: Number.NaN }],
  ["broker", { broker: "kafka-1:9092" }],
])("refuses %s of the client over Kafka: %j", (field, more) => {
  const error = kafkaError({ ...kafka, ...more });
  expect(error).toMatchObject({ code: "INPUT_INVALID", field, fix: expect.stringMatching(/^(give|leave) /) });
  expect(inspect(error)).not.toContain("secret");
});

it.each([undefined, null, "http://127.0.0.1", []])("refuses %j as the options", (options) => {
  expect(httpError(options)).toMatchObject({ code: "INPUT_INVALID", field: "options", fix: expect.stringContaining("url") });
  expect(kafkaError(options)).toMatchObject({ code: "INPUT_INVALID", field: "options", fix: expect.stringContaining("brokers") });
});

it("reports all problems at once, each with its field and fix", () => {
  const error = httpError({ url: "zz", apiKey: "a secret", concurrency: 0, requestTimeoutMs: Number.NaN, retries: 3 });
  for (const field of ["url", "apiKey", "concurrency", "requestTimeoutMs", "retries"])
    expect(error.message).toMatch(new RegExp(`^ {2}${field}: `, "m"));
  expect((error.cause as AggregateError).errors).toHaveLength(5);
  expect((error.cause as AggregateError).errors).toContainEqual(
    expect.objectContaining({ field: "concurrency", problem: "is smaller than 1", fix: "give a whole number from 1 to 10,000" }),
  );
  expect(inspect(error)).not.toContain("secret");
  for (const field of ["brokers", "registryUrl", "tenant"]) expect(kafkaError({}).message).toContain(`${field}: is missing: give `);
});

it("accepts every option, and fills limits with Carillon's defaults", async () => {
  const trace = { traceparent: () => undefined, tracestate: () => undefined };
  const http = createHttpClient({ url: "https://a.example/mail/", apiKey: "k", tenant: "shop", ...trace, limits: { smsSegments: 1 } });
  const long = { ...sms, content: { text: "x".repeat(200) } };
  expect(await http.send(long)).toMatchObject({ accepted: false, errors: [{ field: "content.text" }] });
  const tls = { ca: "pem", cert: Buffer.from("pem"), key: ["pem"], servername: "kafka" };
  const client = createKafkaClient({
    ...kafka,
    ...trace,
    brokers: ["[::1]:9092"],
    registryAccess: { username: "u", password: "p", tls: {} },
    tls,
    sasl: { mechanism: "oauthbearer", token: async () => "t" },
    limits: { smsSegments: 1 },
    prefix: "a.b",
    clientId: "shop",
    lingerMs: 0,
    closeTimeoutMs: 0,
  });
  expect(await client.send(long)).toMatchObject({ accepted: false, errors: [{ field: "content.text" }] });
  await Promise.all([http.close(), client.close()]);
});

it.each<readonly [string, string, unknown]>([
  ["a promise", "returned a promise, not text", Promise.resolve("x")],
  ["a number", "returned a number, not text", 5],
])("rejects a send for which the trace function returned %s", async (_what, problem, value) => {
  const traceparent = (() => value) as () => string;
  for (const client of [createHttpClient({ url, traceparent }), createKafkaClient({ ...kafka, traceparent })]) {
    await expect(client.send(sms)).rejects.toMatchObject({ code: "INPUT_INVALID", field: "traceparent", problem });
    await client.close();
  }
});

it.each<readonly [string, unknown]>([
  ["signal", { signal: "soon" }],
  ["timeoutMs", { timeoutMs: 5 }],
  ["options", 0],
])("rejects a send whose options have a wrong %s", async (field, options) => {
  for (const client of [createHttpClient({ url }), createKafkaClient(kafka)]) {
    await expect(client.send(sms, options as object)).rejects.toMatchObject({ code: "INPUT_INVALID", field });
    await expect(client.sendAll(sms as never)).rejects.toMatchObject({ code: "INPUT_INVALID", field: "messages" });
    await client.close();
  }
});

it("closes after a send that failed at the registry, and after one with unusable certificates", async () => {
  const registryUrl = `http://127.0.0.1:${await freePort()}`;
  const brokers = [`127.0.0.1:${await freePort()}`];
  const unreachable = createKafkaClient({ brokers, registryUrl, tenant: "shop" });
  await expect(unreachable.send(sms)).rejects.toMatchObject({ code: "UNAVAILABLE" });
  await expect(unreachable.close()).resolves.toBeUndefined();
  const access = { tls: { ca: "no certificate" } };
  const unusable = createKafkaClient({
    brokers,
    registryUrl: registryUrl.replace("http:", "https:"),
    registryAccess: access,
    tenant: "shop",
  });
  await expect(unusable.send(sms)).rejects.toThrow();
  await expect(unusable.close()).resolves.toBeUndefined();
});

it("ends a send over Kafka with the reason of its signal", async () => {
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const registryUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const client = createKafkaClient({ ...kafka, registryUrl, closeTimeoutMs: 100 });
  const reason = new Error("the request ended");
  const controller = new AbortController();
  const sending = client.send(sms, { signal: controller.signal });
  controller.abort(reason);
  await expect(sending).rejects.toBe(reason);
  await expect(client.sendAll([sms], { signal: controller.signal })).rejects.toBe(reason);
  await client.close();
  silent.closeAllConnections();
  await new Promise((resolve) => silent.close(resolve));
});

it("publishes to a tenant's topic only for a tenant that can have one", () => {
  const error = kafkaError({ ...kafka, tenant: "the shop", tenantTopic: true });
  expect(error).toMatchObject({ code: "INPUT_INVALID", field: "tenant", fix: expect.stringMatching(/^give the tenant's id/) });
  expect(kafkaError({ ...kafka, tenantTopic: "yes" })).toMatchObject({ field: "tenantTopic", fix: expect.stringMatching(/^give true/) });
  for (const options of [{ tenant: "the shop" }, { tenantTopic: true }])
    expect(() => createKafkaClient({ ...kafka, ...options })).not.toThrow();
});
