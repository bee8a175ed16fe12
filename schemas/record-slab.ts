import type avro from "avsc";

/** Space for about two hundred records of 1 KB. They share the memory, which is freed once none of them is in use. */
const slabBytes = 262_144;

/** Writes records one after another into shared memory: one pass per record, without allocating and copying for each. */
export class RecordSlab {
  private slab = Buffer.allocUnsafeSlow(slabBytes);
  private end = 0;

  /** Writes the value after `room` free bytes. Throws the type's error. */
  write(type: avro.Type, value: unknown, room: number): Buffer {
    for (;;) {
      const { slab, end: begin } = this;
      const end = begin + room <= slab.length ? type.encode(value, slab, begin + room) : 0;
      if (end > 0) {
        this.end = end;
        return slab.subarray(begin, end);
      }
      // the value did not fit: a negative end is the number of missing bytes
      const needs = end < 0 ? slab.length - end - begin : 0;
      this.slab = Buffer.allocUnsafeSlow(Math.max(slabBytes, needs));
      this.end = 0;
    }
  }
}
