import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Config, ConfigInput } from "../../config/schema.js";
import { diagnostics } from "../../engine/diagnostics.js";
import { ignoredReasons, type Readings } from "../../processors/reading.js";
import { type Assembly, assemble } from "../../service/assemble.js";
import { createDeliveryTestDriver, type DeliveryTestDriver } from "../../service/delivery-test-driver.js";
import { loadConfig } from "../../service/load-config.js";
import { createMemoryStores } from "../../service/memory-stores.js";
import { intakeOf } from "../../service/provider-tools.js";
import { readerSources } from "../../sinks/providers/definition.js";
import { providerDefinitions } from "../../sinks/providers/registry.js";
import { callbackRequestOf } from "../../sources/callbacks/callback-request.js";
import { type Intake, readUnit, type Source, type Unit } from "../../sources/intake.js";
import { unitOf } from "../../sources/unit-of.js";
import { systemClock } from "../../stores/clock.js";
import { createDeliveryWriters, deliveryWriters } from "../../topology/delivery-writers.js";
import { namesOf } from "../../topology/names.js";
import { fewer, parameters, timeoutMs } from "./property.js";
import { junk, unitsOf } from "./received-units.js";

/** Every type that reports anything, configured. */
const overrides: ConfigInput = {
  providers: {
    ses: { configurationSet: "events" },
    kaleyra: { sid: "sid0", apiKey: "key0" },
    twilio: { accountSid: "AC00", authToken: "token0" },
    http: { url: "http://127.0.0.1:1/", receipt: {} },
    smpp: { url: "smpp://127.0.0.1:1", systemId: "carillon", password: "secret" },
    sns: { deliveryStatus: true },
  },
};

/** Each source of reports of each type: a new type or source is included automatically. */
const ways = providerDefinitions.flatMap((definition) => [
  ...(definition.callbacks ? [{ definition, source: "callback" as const }] : []),
  ...readerSources.flatMap((source) => (definition.readers?.[source] ? [{ definition, source }] : [])),
]);

/** A callback whose body is a list has as many events as the list has items. */
const eventsIn = (source: Source, body: Buffer, readings: Readings): number => {
  if (source !== "callback") return 1;
  try {
    const parsed: unknown = JSON.parse(body.toString().replace(/^\uFEFF/, ""));
    return Array.isArray(parsed) && readings.length > 1 ? parsed.length : 1;
  } catch {
    return 1;
  }
};

describe("whatever comes from outside", () => {
  let config: Config;
  let assembly: Assembly;
  let intake: Intake;
  const origin = { instance: "test" };
  const codes = new Set<string>();
  let ends: (() => void)[] = [];
  const appended: { topic: string; value: Buffer | null }[] = [];
  const counted = { receipts: 0, ignored: [] as string[], unreadable: 0 };
  beforeAll(async () => {
    config = loadConfig({ environment: {}, overrides });
    const stores = createMemoryStores(systemClock);
    assembly = await assemble(config, stores, systemClock);
    const log = {
      append: async (records: readonly { topic: string; value: Buffer | null }[]) => {
        appended.push(...records);
      },
    };
    const { topicOf } = namesOf(config);
    const externals = deliveryWriters(assembly.families, { hasWebhooks: false, tenantTopics: config.tenantTopics });
    const writers = createDeliveryWriters(externals, { codecs: assembly.codecs, topicOf, log });
    intake = intakeOf(config, assembly.families, writers, systemClock, origin);
    ends = [
      diagnostics.receipt.subscribe(origin, () => {
        counted.receipts += 1;
      }),
      diagnostics.ignoredEvent.subscribe(origin, ({ reason }) => void counted.ignored.push(reason)),
      diagnostics.unreadableEvent.subscribe(origin, ({ code }) => {
        counted.unreadable += 1;
        codes.add(code);
      }),
    ];
  });
  afterAll(() => {
    for (const end of ends) end();
    expect([...codes].filter((code) => code !== "CALLBACK_REFUSED")).toEqual([]);
  });
  const reset = (): void => {
    appended.length = 0;
    Object.assign(counted, { receipts: 0, unreadable: 0 });
    counted.ignored.length = 0;
  };
  const letters = async (): Promise<(Buffer | null)[]> => {
    const codec = assembly.codecs.of(assembly.families.deadLetters);
    const values = appended
      .filter(({ topic }) => topic.endsWith("dead-letters"))
      .map(async ({ value }) => (await codec.decode(value)).value);
    return Promise.all(values);
  };
  const assertCounts = async (unit: Unit, events: number): Promise<void> => {
    expect(unit.readings.length).toBe(events);
    expect(counted.receipts + counted.ignored.length + counted.unreadable).toBe(events);
    expect(appended.filter(({ topic }) => topic.includes("receipts"))).toHaveLength(counted.receipts);
    expect(await letters()).toEqual(counted.unreadable > 0 ? [unit.original] : []);
    for (const reason of counted.ignored) expect(Object.hasOwn(ignoredReasons, reason)).toBe(true);
  };

  it("is walked for every type that listens, is read, or is called back", () => {
    const walked = new Set(ways.map(({ definition }) => definition.type));
    for (const { type, listen, callbacks, readers, states } of providerDefinitions) {
      if (listen || callbacks || readers || states) expect(walked).toContain(type);
      if (listen) expect(readers?.connection ?? readers?.queue).toBeDefined();
    }
  });

  it.each(ways.map(({ definition, source }) => ({ type: definition.type, source, definition })))(
    "$type by $source: ends as a receipt, an ignored event with a reason, or a dead letter with its bytes",
    async ({ definition, source, type }) => {
      const [channel = "email"] = definition.channels;
      await fc.assert(
        fc.asyncProperty(
          unitsOf[source],
          fc.constantFrom("application/json", "application/x-www-form-urlencoded", "text/plain"),
          async (body, kind) => {
            reset();
            const options = config.providers[type];
            const headers = { "content-type": kind };
            const unit =
              source === "callback"
                ? {
                    original: body,
                    readings: readUnit(() => {
                      const request = callbackRequestOf({ method: "POST", url: "http://carillon.test/", headers, body });
                      return definition.callbacks?.read(request, options ?? {}) as Readings;
                    }),
                  }
                : unitOf(config, { name: type }, source, body);
            await intake.take({ name: type, channel }, source, [unit]);
            await assertCounts(unit, eventsIn(source, body, unit.readings));
          },
        ),
        parameters,
      );
    },
    timeoutMs,
  );
});

describe("whatever comes by a topic", () => {
  let driver: DeliveryTestDriver;
  beforeAll(async () => {
    driver = await createDeliveryTestDriver();
  });
  afterAll(async () => {
    await driver.stores.log.close();
  });
  const bytes = fc.oneof(
    junk,
    fc.tuple(fc.nat(12), junk).map(([id, rest]) => Buffer.concat([Buffer.from([0, 0, 0, 0, id]), rest])),
  );

  it.each(["requests.normal", "dispatch.sms.high", "receipts.email"])(
    "%s: junk ends as a dead letter with its bytes, or as a message with a lineage",
    async (member) => {
      const { families } = driver.assembly;
      await fc.assert(
        fc.asyncProperty(bytes, async (value) => {
          await driver.pipeBytes(member, value);
          const found = await driver.read(families.deadLetters);
          const lineage = await driver.read(families.lineage);
          if (lineage.length === 0) expect(found.map((letter) => letter.value)).toEqual([value]);
        }),
        fewer(4),
      );
    },
    timeoutMs,
  );
});
