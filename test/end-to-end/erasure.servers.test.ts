import { describeErasure } from "./erasure.js";

describeErasure({ profile: "cluster", guarantee: "at_least_once", processes: 2 });
