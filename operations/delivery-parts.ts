import type { Topology } from "../engine/builder.js";
import type { Codecs } from "../engine/runtime/codecs.js";
import type { Outbox } from "../sinks/outbox.js";
import type { Providers } from "../sinks/providers/providers.js";
import type { WatchedRouting } from "../sinks/routing/routing.js";
import type { Intake } from "../sources/intake.js";
import type { TopicSpec } from "../stores/event-log/event-log.js";
import type { DeliveryFamilies } from "../topology/delivery-families.js";
import type { DeliveryWriters } from "../topology/delivery-writers.js";

/** The parts of delivery that those work with who look at it, or change what is in it. */
export interface DeliveryParts {
  readonly families: DeliveryFamilies;
  /** Delivery, and what runs alongside it. */
  readonly graphs: readonly Topology[];
  readonly codecs: Codecs;
  /** How records are written outside of the stages. */
  readonly writers: DeliveryWriters;
  readonly providers: Providers;
  /** Where everything that providers report comes in. */
  readonly intake: Intake;
  readonly routing: WatchedRouting;
  /** What the sandbox delivered. */
  readonly outbox: Outbox;
  readonly topics: readonly TopicSpec[];
}
