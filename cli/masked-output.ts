import type { Mask } from "../schemas/secret-mask.js";

let mask: Mask = (text) => text;
let isWatched = false;

const watch = (stream: NodeJS.WriteStream): void => {
  const write = stream.write.bind(stream) as (chunk: unknown, ...rest: unknown[]) => boolean;
  stream.write = (chunk: unknown, ...rest: unknown[]) => write(typeof chunk === "string" ? mask(chunk) : chunk, ...rest);
};

/** From now on this process masks secrets in everything it prints. */
export const maskOutput = (known: Mask): void => {
  mask = known;
  if (isWatched) return;
  isWatched = true;
  watch(process.stdout);
  watch(process.stderr);
};
