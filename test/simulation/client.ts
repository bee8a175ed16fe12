import { outgoingOf } from "../../engine/runtime/outgoing.js";
import type { ProviderReceipt } from "../../schemas/generated.js";
import type { Assembly } from "../../service/assemble.js";
import type { OutgoingRecord } from "../../stores/event-log/event-log.js";
import type { Broker } from "./broker.js";
import type { PlannedMessage } from "./plan.js";
import type { SimProcess } from "./process.js";
import { names, poison, requestFor } from "./set-up.js";
import type { World } from "./world.js";

/** A well-behaved client outside Carillon: it retries until the log has stored its records. */
export class Client {
  /** The messages that the log has stored. */
  readonly published = new Set<number>();
  private open = 0;

  constructor(
    private readonly process: SimProcess,
    private readonly world: World,
    private readonly broker: Broker,
    private readonly topics: () => Pick<Assembly, "families" | "codecs">,
  ) {}

  /** Whether it has no records left to append. */
  get idle(): boolean {
    return this.open === 0;
  }

  publish(planned: PlannedMessage): void {
    const { families, codecs } = this.topics();
    for (let copy = 0; copy < planned.copies; copy += 1) {
      const request = requestFor(planned, this.world.now());
      const record = outgoingOf(families.requests, request, codecs, names.topicOf);
      const sent = planned.fault === "poison" ? { ...record, value: poison(planned.index) } : record;
      this.world.after(copy * 700, () => void this.keepAppending([sent]).then(() => this.published.add(planned.index)));
    }
  }

  /** Appends a provider's receipt. */
  report(receipt: ProviderReceipt): void {
    const { families, codecs } = this.topics();
    void this.keepAppending([outgoingOf(families.receipts, receipt, codecs, names.topicOf)]);
  }

  private async keepAppending(records: readonly OutgoingRecord[]): Promise<void> {
    this.open += 1;
    for (;;) {
      const done = await this.broker.append(this.process, records).then(
        () => true,
        () => false,
      );
      if (done) break;
      await this.process.clock.sleep(1_000);
    }
    this.open -= 1;
  }
}
