import { describeConsole } from "./console.js";

describeConsole({ profile: "embedded", guarantee: "at_least_once", processes: 1, screenshots: true });
describeConsole({ profile: "cluster", guarantee: "at_least_once", processes: 1 });
