import { describeReports } from "./reports.js";

describeReports({ profile: "cluster", guarantee: "at_least_once", processes: 2 });
