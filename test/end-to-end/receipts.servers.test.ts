import { describeReceipts } from "./receipts.js";

describeReceipts({ profile: "cluster", guarantee: "at_least_once", processes: 2 });
