import { describeTenantTopics } from "./tenant-topics.js";

describeTenantTopics({ profile: "embedded", guarantee: "at_least_once", processes: 1 });
