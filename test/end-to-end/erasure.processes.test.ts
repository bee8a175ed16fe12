import { describeErasure } from "./erasure.js";

describeErasure({ profile: "embedded", guarantee: "at_least_once", processes: 1 });
