import { describeWebhooks } from "./webhooks.js";

describeWebhooks({ profile: "embedded", guarantee: "at_least_once", processes: 1 });
