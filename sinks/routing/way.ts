import type { Place, Wait } from "../../processors/routing.js";
import type { Weighted } from "./order.js";
import type { RoutedProvider } from "./routed-provider.js";

/** The providers that a message may use. */
export interface Way {
  readonly route: readonly Weighted[];
  find(name: string): RoutedProvider | undefined;
  /** Why the message waits if none of them is there. */
  readonly missing?: Wait;
  /** Lets go of the providers, except for that of a place. Returns a function that lets go of this one, once the place is left. */
  release?(found: Place | Wait | undefined): () => void;
}
