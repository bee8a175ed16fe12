import { describeSecrets } from "./secrets.js";

describeSecrets({ profile: "embedded", guarantee: "at_least_once", processes: 1 });
