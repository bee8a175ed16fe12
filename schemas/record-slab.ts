import type avro from "avsc";

/** Room for about two hundred records of 1 KB: they share its memory, which is free once none of them is in use. */
const slabBytes = 262_144;

/** Writes records one after the other into shared memory: one pass a record, and no memory of its own to ask for and to copy into. */
export class RecordSlab {
  private slab = Buffer.allocUnsafeSlow(slabBytes);
  private end = 0;

  /** The value, with so many bytes of room before it. Throws what the type throws. */
  write(type: avro.Type, value: unknown, room: number): Buffer {
    for (;;) {
      const { slab, end: begin } = this;
      const end = begin + room <= slab.length ? type.encode(value, slab, begin + room) : 0;
      if (end > 0) {
        this.end = end;
        return slab.subarray(begin, end);
      }
      // it did not fit: a negative end says by how much
      const needs = end < 0 ? slab.length - end - begin : 0;
      this.slab = Buffer.allocUnsafeSlow(Math.max(slabBytes, needs));
      this.end = 0;
    }
  }
}
