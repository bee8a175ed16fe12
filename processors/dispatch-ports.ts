import type { DeliveryFeedback, DispatchCommand, FallbackEvent, LineageEvent, ProviderReceipt } from "../schemas/generated.js";

export interface DispatchPorts {
  readonly receipts: ProviderReceipt;
  readonly dispatch: DispatchCommand;
  readonly lineage: LineageEvent;
  readonly feedback: DeliveryFeedback;
  readonly fallbacks: FallbackEvent;
}
