import { expect, it } from "vitest";
import { requestsTopicOf, topicName } from "../../schemas/topics.js";

it.each([
  ["critical", "requests.critical"],
  ["bulk", "requests.bulk"],
  [null, "requests.normal"],
  ["urgent", "requests.normal"],
])("a request of lane %s goes to %s", (lane, topic) => {
  expect(requestsTopicOf({ lane })).toBe(topic);
});

it("a topic's name begins with its prefix", () => {
  expect(topicName("carillon", "requests.high")).toBe("carillon.requests.high");
});
