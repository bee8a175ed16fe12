import { MongoBulkWriteError, MongoInvalidArgumentError, MongoNetworkError, MongoServerError } from "mongodb";
import { expect, it } from "vitest";
import { isFaultOfTheData, isOutage } from "../../../stores/lineage-store/mongo/mongo-errors.js";

it.each([
  ["a document that the driver finds too large", new MongoInvalidArgumentError("Document is larger than the maximum size 16777216")],
  ["a value that BSON cannot hold", new RangeError("out of range")],
])("%s is a fault of the data, so it does not stop its partition", (_, error) => {
  expect(isFaultOfTheData(error)).toBe(true);
  expect(isOutage(error)).toBe(false);
});

it.each([10_334, 17_419, 17_420, 73])("the server's code %d is no outage", (code) => {
  expect(isOutage(new MongoServerError({ message: "no", code }))).toBe(false);
});

it("a broken connection is an outage, and so is a bulk write that failed for another reason than duplicates", () => {
  expect(isOutage(new MongoNetworkError("reset"))).toBe(true);
  expect(isOutage(new MongoBulkWriteError({ message: "no", code: 91, writeErrors: [] }, {} as never))).toBe(true);
});
