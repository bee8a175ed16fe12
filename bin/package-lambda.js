import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { zipSync } from "fflate";

/** `npm run lambda`: packages sources/lambda/delivery-status as a zip for AWS. */
const root = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

const path = root("dist/carillon-delivery-status.zip");
writeFileSync(path, zipSync({ "index.mjs": new Uint8Array(readFileSync(root("dist/sources/lambda/delivery-status.js"))) }));
console.log("wrote dist/carillon-delivery-status.zip");
