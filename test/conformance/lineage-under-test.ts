import { afterAll, beforeAll, beforeEach } from "vitest";
import type { LineageStepEvent } from "../../schemas/lineage-steps.js";
import type { LineageStore, PositionedEvent } from "../../stores/lineage-store/lineage-store.js";
import { uniqueName } from "../support/scratch.js";
import type { PortFactory } from "./claims.js";

/** The time of each message's first event. */
export const startMs = Date.UTC(2026, 4, 1, 12);

/** A store that is open for all tests of a suite, a tenant of each test, and the tenant's events. */
export interface LineageUnderTest {
  readonly store: LineageStore;
  readonly tenant: string;
  event(messageId: string, stage: LineageStepEvent["stage"], afterMs: number, more?: Partial<LineageStepEvent>): LineageStepEvent;
  /** The events at the next positions of the log. */
  at(events: readonly LineageStepEvent[]): PositionedEvent[];
  /** The six events of a message that is delivered. */
  way(id: string): LineageStepEvent[];
}

/** Registers the hooks that open and close the store; called within a suite. */
export const setUpLineageStore = (factory: PortFactory<LineageStore>): LineageUnderTest => {
  let store: LineageStore;
  let tenant: string;
  let offset = 0;
  beforeAll(async () => {
    store = await factory.open();
    await store.prepare();
    await store.prepare();
  });
  beforeEach(() => {
    tenant = uniqueName("tenant");
  });
  afterAll(async () => {
    await store.close();
    await factory.dispose?.();
  });

  const event: LineageUnderTest["event"] = (messageId, stage, afterMs, more = {}) => ({
    eventId: `${messageId}:${stage}:${more.attempt ?? 0}:${more.outcome ?? "ok"}`,
    messageId,
    tenant,
    channel: "sms",
    lane: "high",
    stage,
    outcome: "ok",
    status: null,
    reason: null,
    attempt: 0,
    at: startMs + afterMs,
    instance: "test",
    provider: null,
    to: null,
    details: {},
    ...more,
  });

  return {
    get store() {
      return store;
    },
    get tenant() {
      return tenant;
    },
    event,
    at: (events) =>
      events.map((one) => {
        offset += 1;
        return { event: one, partition: 0, offset };
      }),
    way: (id) => [
      event(id, "accept", 0, { outcome: "accepted", status: "accepted", to: "+14155550100" }),
      event(id, "validate", 1, { status: "validated" }),
      event(id, "enrich", 2, { status: "enriched" }),
      event(id, "route", 3, { status: "queued" }),
      event(id, "dispatch", 4, { status: "dispatched", attempt: 1, provider: "sandbox" }),
      event(id, "feedback", 5, { outcome: "delivered", status: "delivered", attempt: 1, provider: "sandbox" }),
    ],
  };
};
