import type { MessageRequested } from "../schemas/generated.js";
import { noContent } from "../schemas/no-content.js";

/** Recently accepted requests, so that a sender can query a message before its lineage has reached the store. */
export interface RecentRequests {
  note(requests: readonly MessageRequested[]): void;
  find(id: string): MessageRequested | undefined;
}

export const createRecentRequests = (most: number): RecentRequests => {
  const recent = new Map<string, MessageRequested>();
  return {
    note: (requests) => {
      for (const request of requests) recent.set(request.id, { ...request, content: noContent });
      for (const id of recent.keys()) {
        if (recent.size <= most) break;
        recent.delete(id);
      }
    },
    find: (id) => recent.get(id),
  };
};
