import type { TenantLimits } from "../../access/limits/tenant-limits.js";
import { limited, type Refused } from "./refused.js";

export type MessageLimits = Pick<TenantLimits, "takeMessages">;

/** How many of a tenant's messages may be accepted now, and the refusal of the others. */
export interface Within<Result> {
  readonly granted: number;
  readonly refusal: Refused | undefined;
  readonly result: Result;
}

/**
 * Accepts as many of a tenant's messages as its limits allow: `accept` gets their number. If it fails, the quota of the day gets them back.
 */
export const withinLimits = async <Result>(
  limits: MessageLimits,
  tenant: string,
  count: number,
  accept: (granted: number) => Promise<Result>,
): Promise<Within<Result>> => {
  const taken = await limits.takeMessages(tenant, count);
  const { granted, exceeded } = taken ?? { granted: count, exceeded: undefined };
  try {
    return { granted, refusal: exceeded && limited(exceeded), result: await accept(granted) };
  } catch (error) {
    // a store that is away now may not take it back: then the day has fewer messages, but never more
    await taken?.giveBack(granted).catch(() => undefined);
    throw error;
  }
};
