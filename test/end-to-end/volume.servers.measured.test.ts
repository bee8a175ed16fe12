import { describeVolume } from "./volume.js";

const messages = Number(process.env.CARILLON_TEST_VOLUME ?? 20_000);

describeVolume({ profile: "cluster", guarantee: "at_least_once", processes: 2, messages, timeoutMs: 300_000 });
