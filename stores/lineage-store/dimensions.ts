/** The dimensions that rollups group messages by, in addition to time. */
export const dimensions = ["tenant", "channel", "provider", "lane", "country", "region", "template"] as const;

export type Dimension = (typeof dimensions)[number];

export type Group = Readonly<Record<Dimension, string | null>>;

/** Fields of a rollup that hold counts by name, in addition to the plain counts `messages` and `attempts`. */
export const countedByName = ["statuses", "reasons", "engagements", "costs", "toSent", "toDelivered"] as const;

export type CountedByName = (typeof countedByName)[number];
