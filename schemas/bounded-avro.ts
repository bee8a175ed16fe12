import { isUtf8 } from "node:buffer";
import avro from "avsc";

/** avsc's reader. Source: avsc 5.7, lib/utils.js. */
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

/** Number of items in the next block; each takes at least a byte. Throws if the remaining bytes are too few. */
const blockSize = (tap: Tap): number => {
  let count = tap.readLong();
  if (count < 0) {
    count = -count;
    tap.skipLong(); // the block's size in bytes
  }
  if (count > tap.buf.length - tap.pos) throw new Error(`a block of ${count} items exceeds the remaining bytes`);
  return count;
};

const eachItem = (tap: Tap, visit: () => void): void => {
  for (let count = blockSize(tap); count > 0; count = blockSize(tap)) for (let left = count; left > 0; left -= 1) visit();
};

/** Half of a surrogate pair. No UTF-8 text contains one, so checks can find a text that was not UTF-8. */
const notUtf8Mark = "\ud800";

/** Reads a text. If its bytes are not UTF-8, it ends with a mark that no well-formed text contains. */
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
 * avsc trusts the number of items in a record: a damaged or hostile record makes it loop indefinitely or fill the memory. After this call,
 * a block is no longer than the remaining bytes, and text that is not UTF-8 can be detected.
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
      // plain assignment would set the prototype and lose the value
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

/** Reads any long, even one that a double cannot represent exactly. The checks decide whether it is valid. */
class AnyLongType extends avro.types.LongType {
  _read(tap: Tap): number {
    return tap.readLong();
  }
}

/** A type whose numbers are whole and exact. Its values have only their fields, and no methods. */
export const strictType = (schema: object): avro.Type => avro.Type.forSchema(schema as avro.Schema, { omitRecordMethods: true });

/** The same for records from foreign producers, whose numbers may be anything. */
export const lenientType = (schema: object): avro.Type =>
  avro.Type.forSchema(schema as avro.Schema, {
    omitRecordMethods: true,
    registry: { long: new AnyLongType() as unknown as avro.Type },
  });
