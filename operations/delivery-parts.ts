import type { Topology } from "../engine/builder.js";
import type { Codecs } from "../engine/runtime/codecs.js";
import type { Outbox } from "../sinks/outbox.js";
import type { OwnCatalog } from "../sinks/own/own-catalog.js";
import type { ProviderTools } from "../sinks/providers/definition.js";
import type { Providers } from "../sinks/providers/providers.js";
import type { WatchedRouting } from "../sinks/routing/routing.js";
import type { Intake } from "../sources/intake.js";
import type { TopicSpec } from "../stores/event-log/event-log.js";
import type { DeliveryFamilies } from "../topology/delivery-families.js";
import type { DeliveryWriters } from "../topology/delivery-writers.js";

/** The parts of delivery that operations inspect or change. */
export interface DeliveryParts {
  readonly families: DeliveryFamilies;
  /** Delivery and the graphs alongside it. */
  readonly graphs: readonly Topology[];
  readonly codecs: Codecs;
  /** Write records from outside the stages. */
  readonly writers: DeliveryWriters;
  readonly providers: Providers;
  /** Accepts receipts from a query of a provider. */
  readonly tools: Pick<ProviderTools, "answered">;
  /** The entry of everything that providers report. */
  readonly intake: Intake;
  readonly routing: WatchedRouting;
  /** The providers of tenants' own; undefined in a process that knows no tenants. */
  readonly ownCatalog: OwnCatalog | undefined;
  /** The messages that the sandbox has delivered. */
  readonly outbox: Outbox;
  readonly topics: readonly TopicSpec[];
}
