import { isUtf8 } from "node:buffer";
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

interface StringLike {
  _read(tap: Tap): string;
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

/** Half of a surrogate pair: no text in UTF-8 has one, so checks find the text that holds it. */
const notUtf8Mark = "\ud800";

/** A text as it is written; one whose bytes are no UTF-8 ends with a mark that no well-formed text has. */
const readText = (tap: Tap): string => {
  const begin = tap.pos;
  const text = tap.readString();
  if (!text.includes("\ufffd")) return text;
  const end = tap.pos;
  tap.pos = begin;
  tap.readLong(); // the text's length in bytes
  const bytes = tap.buf.subarray(tap.pos, end);
  tap.pos = end;
  return isUtf8(bytes) ? text : text + notUtf8Mark;
};

/**
 * avsc believes what a record says of its number of items: a damaged one, or a hostile one, has it loop for ever or fill the
 * memory. From here on a block is no longer than the bytes that are left, and a text that is not UTF-8 can be told from one that is.
 */
export const boundAvro = (): void => {
  const { ArrayType, MapType, StringType } = avro.types as unknown as {
    ArrayType: { prototype: ArrayLike };
    MapType: { prototype: MapLike };
    StringType: { prototype: StringLike };
  };
  StringType.prototype._read = readText;
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
      const key = readText(tap);
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

/** Reads any long, also one that a double does not hold exactly: whether it can be meant is for the checks to say. */
class AnyLongType extends avro.types.LongType {
  _read(tap: Tap): number {
    return tap.readLong();
  }
}

/** A type whose numbers are whole and exact. Its values have their fields alone: whoever looks at every name of one finds no method. */
export const strictType = (schema: object): avro.Type => avro.Type.forSchema(schema as avro.Schema, { omitRecordMethods: true });

/** The same for records of foreign producers, whose numbers may be anything. */
export const lenientType = (schema: object): avro.Type =>
  avro.Type.forSchema(schema as avro.Schema, {
    omitRecordMethods: true,
    registry: { long: new AnyLongType() as unknown as avro.Type },
  });
