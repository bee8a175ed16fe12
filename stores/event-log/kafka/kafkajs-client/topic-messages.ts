import type { TopicMessages } from "kafkajs";
import type { OutgoingRecord } from "../../event-log.js";

export const topicMessagesOf = (records: readonly OutgoingRecord[]): TopicMessages[] => {
  const byTopic = new Map<string, TopicMessages>();
  for (const { topic, key, value, headers } of records) {
    const message = { key, value, ...(headers ? { headers: { ...headers } } : {}) };
    const entry = byTopic.get(topic);
    if (entry) entry.messages.push(message);
    else byTopic.set(topic, { topic, messages: [message] });
  }
  return [...byTopic.values()];
};
