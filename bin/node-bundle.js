/** Options of esbuild that all bundles for Node.js share. */
export const nodeBundle = {
  bundle: true,
  splitting: true,
  chunkNames: "parts/[name]-[hash]",
  platform: "node",
  target: "node20",
  format: "esm",
  // older packages load Node.js's own modules with require
  banner: {
    js: 'import { createRequire as createRequireOfBundle } from "node:module";\nconst require = createRequireOfBundle(import.meta.url);',
  },
  logLevel: "warning",
};

/** Keeps packages out of a bundle, with every module of theirs. */
export const externalsOf = (names) => names.flatMap((name) => [name, `${name}/*`]);
