declare module "snappyjs" {
  /** Decompresses one raw Snappy block. Throws when it is damaged or longer than `mostBytes`. */
  export function uncompress(block: Buffer, mostBytes?: number): Buffer;
  export function compress(bytes: Buffer): Buffer;
}
