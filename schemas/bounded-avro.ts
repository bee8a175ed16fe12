import avro from "avsc";

/** What avsc reads from. Source: avsc 5.7, lib/utils.js. */
interface Tap {
  readonly buf: Buffer;
  pos: number;
  readLong(): number;
  skipLong(): void;
  readString(): string;
  skipString(): void;
}

interface ItemType {
  _read(tap: Tap): unknown;
  _skip(tap: Tap): void;
}

interface ArrayLike {
  readonly itemsType: ItemType;
  _read(tap: Tap): unknown[];
  _skip(tap: Tap): void;
}

interface MapLike {
  readonly valuesType: ItemType;
  _read(tap: Tap): Record<string, unknown>;
  _skip(tap: Tap): void;
}

/** How many items the next block holds; each takes at least a byte. Throws when the bytes cannot hold so many. */
const blockSize = (tap: Tap): number => {
  let count = tap.readLong();
  if (count < 0) {
    count = -count;
    tap.skipLong(); // the block's size in bytes
  }
  if (count > tap.buf.length - tap.pos) throw new Error(`a block of ${count} items is longer than the bytes that are left`);
  return count;
};

const eachItem = (tap: Tap, visit: () => void): void => {
  for (let count = blockSize(tap); count > 0; count = blockSize(tap)) for (let left = count; left > 0; left -= 1) visit();
};

/**
 * avsc believes what a record says of its number of items: a damaged one, or a hostile one, has it loop for ever or fill the
 * memory. From here on a block is no longer than the bytes that are left.
 */
export const boundAvro = (): void => {
  const { ArrayType, MapType } = avro.types as unknown as { ArrayType: { prototype: ArrayLike }; MapType: { prototype: MapLike } };
  ArrayType.prototype._read = function (this: ArrayLike, tap) {
    const items: unknown[] = [];
    eachItem(tap, () => items.push(this.itemsType._read(tap)));
    return items;
  };
  ArrayType.prototype._skip = function (this: ArrayLike, tap) {
    eachItem(tap, () => this.itemsType._skip(tap));
  };
  MapType.prototype._read = function (this: MapLike, tap) {
    const values: Record<string, unknown> = {};
    eachItem(tap, () => {
      const key = tap.readString();
      const value = this.valuesType._read(tap);
      // set as any other key is, it would be taken for the prototype, and be gone
      if (key === "__proto__") Object.defineProperty(values, key, { value, enumerable: true, writable: true, configurable: true });
      else values[key] = value;
    });
    return values;
  };
  MapType.prototype._skip = function (this: MapLike, tap) {
    eachItem(tap, () => {
      tap.skipString();
      this.valuesType._skip(tap);
    });
  };
};
