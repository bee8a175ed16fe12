import { describeSecrets } from "./secrets.js";

describeSecrets({ profile: "cluster", guarantee: "at_least_once", processes: 2 });
