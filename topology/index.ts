export * from "./builder.js";
export * from "./delivery.js";
export * from "./describe.js";
export * from "./stage.js";
export * from "./test-driver.js";
export * from "./topic-family.js";
