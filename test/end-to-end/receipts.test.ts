import { describeReceipts } from "./receipts.js";

describeReceipts({ profile: "embedded", guarantee: "at_least_once", processes: 1 });
