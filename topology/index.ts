export * from "../engine/builder.js";
export * from "../engine/describe.js";
export * from "../engine/stage.js";
export * from "../engine/test-driver.js";
export * from "../engine/topic-family.js";
export * from "./delivery.js";
