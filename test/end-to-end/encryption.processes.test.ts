import { describeEncryption } from "./encryption.js";

describeEncryption({ profile: "embedded", guarantee: "at_least_once", processes: 1 });
