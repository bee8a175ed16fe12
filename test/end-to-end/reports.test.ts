import { describeReports } from "./reports.js";

describeReports({ profile: "embedded", guarantee: "at_least_once", processes: 1 });
