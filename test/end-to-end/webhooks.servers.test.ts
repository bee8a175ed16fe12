import { describeWebhooks } from "./webhooks.js";

describeWebhooks({ profile: "cluster", guarantee: "at_least_once", processes: 2 });
