import { describeEncryption } from "./encryption.js";

describeEncryption({ profile: "cluster", guarantee: "exactly_once", processes: 2 });
