import { describeVolume } from "./volume.js";

const messages = Number(process.env.CARILLON_TEST_VOLUME ?? 20_000);

describeVolume({ profile: "embedded", guarantee: "at_least_once", processes: 1, messages, timeoutMs: 180_000 });
describeVolume({ profile: "embedded", guarantee: "at_least_once", processes: 1, messages, timeoutMs: 180_000, killInTheMiddle: true });
