/** The position of a document in an index, ordered by time and id. */
export interface Place {
  readonly atMs: number;
  readonly id: string;
}

/** Iterates over the places of an index. */
export interface PlaceStream {
  /** The current place; undefined at the end. */
  readonly head: Place | undefined;
  next(): void;
  /** Advances to the first place that does not precede this one. */
  seek(place: Place): void;
  /** Releases the underlying read. */
  end(): void;
}

/** Whether one place precedes the other in the direction of reading. */
const comesBefore = (one: Place, other: Place, newestFirst: boolean): boolean => {
  const earlier = one.atMs < other.atMs || (one.atMs === other.atMs && one.id < other.id);
  const same = one.atMs === other.atMs && one.id === other.id;
  return !same && earlier !== newestFirst;
};

type Key = readonly [part: number, value: string, atMs: number, id: string];

/** After this many single steps a new look-up is cheaper. */
const stepsBeforeSeek = 24;

/** The places of one index value. `open` reads its keys, optionally starting at a place. */
export const placesFrom = (newestFirst: boolean, open: (from?: Place) => Iterable<Key>): PlaceStream => {
  let keys = open()[Symbol.iterator]();
  let head: Place | undefined;
  const next = (): void => {
    const { value, done } = keys.next();
    head = done ? undefined : { atMs: value[2], id: value[3] };
  };
  next();
  return {
    get head() {
      return head;
    },
    next,
    seek: (place) => {
      for (let steps = 0; head && comesBefore(head, place, newestFirst); steps += 1) {
        if (steps >= stepsBeforeSeek) {
          keys.return?.();
          keys = open(place)[Symbol.iterator]();
        }
        next();
      }
    },
    end: () => void keys.return?.(),
  };
};

/** Merges the places of several streams in order. */
export const mergedPlaces = (streams: readonly PlaceStream[], newestFirst: boolean): PlaceStream => {
  const [only, ...more] = streams;
  if (only && more.length === 0) return only;
  const foremost = (): PlaceStream | undefined =>
    streams.reduce<PlaceStream | undefined>((first, stream) => {
      if (!stream.head) return first;
      return !first?.head || comesBefore(stream.head, first.head, newestFirst) ? stream : first;
    }, undefined);
  return {
    get head() {
      return foremost()?.head;
    },
    next: () => foremost()?.next(),
    seek: (place) => {
      for (const stream of streams) stream.seek(place);
    },
    end: () => {
      for (const stream of streams) stream.end();
    },
  };
};

/** The places that occur in all streams, in order. Places that occur in only some streams are skipped without a second look. */
export const commonPlaces = function* (streams: readonly PlaceStream[], newestFirst: boolean): Generator<Place> {
  const [first, ...others] = streams;
  while (first?.head) {
    const place = first.head;
    let ahead: Place | undefined;
    for (const other of others) {
      other.seek(place);
      if (!other.head) return;
      if (comesBefore(place, other.head, newestFirst)) {
        ahead = other.head;
        break;
      }
    }
    if (ahead) first.seek(ahead);
    else {
      yield place;
      first.next();
    }
  }
};
