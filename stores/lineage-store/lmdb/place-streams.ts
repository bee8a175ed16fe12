/** Where a document stands in an index: indexes are in order of time and id. */
export interface Place {
  readonly atMs: number;
  readonly id: string;
}

/** Places of an index, one after the other. */
export interface PlaceStream {
  /** The place it stands at; undefined at its end. */
  readonly head: Place | undefined;
  next(): void;
  /** Goes on to the first place that does not come before this one. */
  seek(place: Place): void;
  /** Lets what it reads go. */
  end(): void;
}

/** Whether one comes before the other, in the direction of reading. */
const comesBefore = (one: Place, other: Place, newestFirst: boolean): boolean => {
  const earlier = one.atMs < other.atMs || (one.atMs === other.atMs && one.id < other.id);
  const same = one.atMs === other.atMs && one.id === other.id;
  return !same && earlier !== newestFirst;
};

type Key = readonly [part: number, value: string, atMs: number, id: string];

/** So many places are passed one by one before a new look-up is cheaper. */
const stepsBeforeSeek = 24;

/** The places of one value of an index; `open` reads its keys, from a place on where one is given. */
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

/** The places of several streams, in their order. */
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

/** The places that stand in all streams, in their order: none that stands in some alone is looked at twice. */
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
