import type { FastifyRequest } from "fastify";
import { expect, it } from "vitest";
import { identityFor } from "../../http/access/caller.js";
import { createTakeCounted, type TakeDependencies } from "../../http/take-counted.js";

it("lets deliveries yield before a client's messages are accepted", async () => {
  const order: string[] = [];
  const dependencies = {
    sending: {
      take: async () => {
        order.push("accepted");
        return [{ id: "1", requests: [], warnings: [] }];
      },
    },
    recent: { note: () => undefined },
    urge: () => order.push("urged"),
  } as unknown as TakeDependencies;
  const identity = identityFor({ kind: "loopback", tenant: "local", scopes: ["send"] });
  await createTakeCounted(dependencies)([{}], { identity, routeOptions: {} } as FastifyRequest);
  expect(order).toEqual(["urged", "accepted"]);
});
