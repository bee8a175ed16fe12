import { beforeAll, describe, expect, it } from "vitest";
import type { LineageStepEvent } from "../../schemas/lineage-steps.js";
import type { Filter, LineageStore } from "../../stores/lineage-store/lineage-store.js";
import { uniqueName } from "../support/scratch.js";

const startMs = Date.UTC(2026, 4, 2, 9);

/** The meaning of a MongoDB filter on every store: equal queries have equal answers. */
export const describeLineageQueries = (given: () => LineageStore): void => {
  describe("questions in MongoDB's terms", () => {
    let store: LineageStore;
    const tenant = uniqueName("queries");
    const id = (index: number): string => `${tenant}-${index}`;
    let offset = 0;

    const step = (index: number, stage: LineageStepEvent["stage"], more: Partial<LineageStepEvent>): LineageStepEvent => ({
      eventId: `${id(index)}:${stage}:${more.outcome ?? "ok"}:${more.attempt ?? 0}`,
      messageId: id(index),
      tenant,
      channel: "push",
      lane: index % 2 ? "high" : "bulk",
      stage,
      outcome: "ok",
      status: null,
      reason: null,
      attempt: 0,
      at: startMs + index * 60_000,
      instance: "test",
      provider: null,
      to: null,
      details: {},
      ...more,
    });

    const engagedBy: Readonly<Record<number, readonly string[]>> = { 1: ["opened", "clicked"], 2: ["opened"] };
    const endOf = (index: number): Pick<LineageStepEvent, "status" | "reason"> => {
      if (index >= 8) return { status: "expired", reason: "no_receipt" };
      return index >= 4 ? { status: "failed", reason: "recipient_rejected" } : { status: "delivered", reason: null };
    };

    /** Twelve messages, one per minute: 0 to 3 delivered, 4 to 7 failed, 8 and 9 expired, 10 and 11 open. */
    const stepsOf = (index: number): LineageStepEvent[] => {
      const accept = step(index, "accept", {
        status: "accepted",
        to: `device-${index % 4}`,
        details: index % 3 === 0 ? { template: "otp" } : {},
      });
      if (index >= 10) return [accept];
      const provider = index % 2 ? "sns" : "fcm";
      const sent = step(index, "dispatch", { status: "dispatched", attempt: 1, provider, details: { tookMs: "20" } });
      const engaged = (engagedBy[index] ?? []).map((event, attempt) =>
        step(index, "response_handle", { outcome: "engaged", attempt, details: { event } }),
      );
      return [accept, sent, step(index, "feedback", { ...endOf(index), attempt: 1 }), ...engaged];
    };

    beforeAll(async () => {
      store = given();
      const events = Array.from({ length: 12 }, (_, index) => stepsOf(index)).flat();
      await store.append(
        events.map((event) => {
          offset += 1;
          return { event, partition: 0, offset };
        }),
      );
    });

    const found = async (filter: Filter): Promise<number[]> =>
      (await store.query("messages_push", { $and: [{ tenant }, filter] }, { sort: { acceptedAt: 1, _id: 1 }, limit: 100 })).map(({ _id }) =>
        Number(_id.slice(tenant.length + 1)),
      );
    const at = (index: number): Date => new Date(startMs + index * 60_000);

    it.each<[string, Filter, number[]]>([
      ["equality with a text", { status: "expired" }, [8, 9]],
      ["equality with null: fields that are null", { template: null, status: "delivered" }, [1, 2]],
      ["equality with null: fields that are not there", { nothing: null, status: "expired" }, [8, 9]],
      ["that a field is not null", { provider: { $ne: null }, status: { $in: ["expired", "accepted"] } }, [8, 9]],
      ["that a field exists", { nothing: { $exists: true } }, []],
      ["the type of a field", { reason: { $type: "string" }, lane: "high" }, [5, 7, 9]],
      ["an array that holds a text", { engagement: "opened" }, [1, 2]],
      ["an array equal to another, in order", { engagement: ["clicked", "opened"] }, [1]],
      ["an array that holds all", { engagement: { $all: ["opened", "clicked"] } }, [1]],
      ["the size of an array", { engagement: { $size: 1 } }, [2]],
      ["an array that holds none of these", { engagement: { $nin: ["opened"] }, status: "delivered" }, [0, 3]],
      ["an array of documents by a field of theirs", { "lineage.reason": "no_receipt" }, [8, 9]],
      [
        "an array of documents by one that has both",
        { lineage: { $elemMatch: { stage: "dispatch", provider: "sns" } }, final: true, status: "failed" },
        [5, 7],
      ],
      ["times", { acceptedAt: { $gt: at(3), $lte: at(5) } }, [4, 5]],
      ["times and a text", { acceptedAt: { $gte: at(9) }, lane: { $in: ["high"] } }, [9, 11]],
      ["numbers", { attempts: { $lt: 1 } }, [10, 11]],
      ["a remainder", { attempts: { $mod: [2, 1] }, status: "expired" }, [8, 9]],
      ["null compared with a number: never", { reason: { $gt: 5 } }, []],
      ["a field that some steps of a message lack", { "lineage.provider": { $ne: null }, status: "expired" }, []],
      ["a detail that some steps of a message lack", { "lineage.details.nothing": { $ne: null } }, []],
      ["messages without a step of a kind", { lineage: { $not: { $elemMatch: { stage: "feedback" } } } }, [10, 11]],
      ["patterns in a list", { to: { $in: [/^DEVICE-[12]$/i, "device-0"] }, status: "failed" }, [4, 5, 6]],
      ["patterns in a negated list", { to: { $nin: [/^device-[12]$/, "device-0"] }, status: "failed" }, [7]],
      ["patterns that an array must all fit", { engagement: { $all: [/^op/, /ed$/] } }, [1, 2]],
      ["a pattern that is negated", { to: { $not: /-[012]$/ }, status: "failed" }, [7]],
      ["one of several values, in order of time", { status: { $in: ["expired", "delivered"] } }, [0, 1, 2, 3, 8, 9]],
      ["open messages", { final: false }, [10, 11]],
      ["alternatives", { $or: [{ status: "expired" }, { to: "device-3", template: "otp" }] }, [3, 8, 9]],
      ["neither", { $nor: [{ final: true }, { lane: "bulk" }] }, [11]],
      ["not", { attempts: { $not: { $gte: 1 } } }, [10, 11]],
      ["a pattern", { to: { $regex: "^DEVICE-[12]$", $options: "i" }, status: "failed" }, [5, 6]],
      ["ids", { _id: { $in: [id(7), id(2), "nobody"] } }, [2, 7]],
      ["an id that is not there", { _id: "nobody" }, []],
      ["a template over time", { template: "otp", acceptedAt: { $lt: at(7) } }, [0, 3, 6]],
    ])("answers %s", async (_, filter, wanted) => {
      expect(await found(filter)).toEqual(wanted);
      expect(await store.count("messages_push", { $and: [{ tenant }, filter] })).toBe(wanted.length);
    });

    it("counts by an index alone", async () => {
      expect(await store.count("messages_push", { tenant })).toBe(12);
      expect(await store.count("messages_push", { tenant, acceptedAt: { $gt: at(0), $lt: at(3) } })).toBe(2);
    });

    it("puts them in order, the newest first, by other fields, and by page", async () => {
      const ids = async (options: Parameters<LineageStore["query"]>[2]): Promise<number[]> =>
        (await store.query("messages_push", { tenant }, options)).map(({ _id }) => Number(_id.slice(tenant.length + 1)));
      expect(await ids({ sort: { acceptedAt: -1, _id: -1 }, limit: 3 })).toEqual([11, 10, 9]);
      expect(await ids({ sort: { acceptedAt: -1, _id: -1 }, skip: 3, limit: 2 })).toEqual([8, 7]);
      expect(await ids({ sort: { status: 1, acceptedAt: -1 }, limit: 5 })).toEqual([11, 10, 3, 2, 1]);
      expect(await ids({ sort: { _id: 1 }, limit: 3 })).toEqual([0, 1, 10]);
    });

    it("reads the fields that are asked for", async () => {
      const [document] = await store.query("messages_push", { _id: id(1) }, { keys: { status: 1, "lineage.stage": 1 } });
      expect(document).toEqual({
        _id: id(1),
        status: "delivered",
        lineage: expect.arrayContaining([{ stage: "accept" }, { stage: "dispatch" }]),
      });
      const [other] = await store.query("messages_push", { _id: id(1) }, { keys: { lineage: 0 } });
      expect(other).not.toHaveProperty("lineage");
      expect(other).toHaveProperty("status", "delivered");
    });

    it("groups, unwinds and sorts", async () => {
      const rows = await store.aggregate("messages_push", [
        { $match: { tenant, final: true } },
        { $unwind: "$lineage" },
        { $match: { "lineage.stage": "dispatch" } },
        { $group: { _id: { provider: "$provider", status: "$status" }, count: { $sum: 1 }, first: { $min: "$acceptedAt" } } },
        { $sort: { "_id.provider": 1, "_id.status": 1 } },
        { $project: { _id: 0, provider: "$_id.provider", status: "$_id.status", count: 1, first: 1 } },
        { $limit: 3 },
      ]);
      expect(rows).toEqual([
        { provider: "fcm", status: "delivered", count: 2, first: at(0) },
        { provider: "fcm", status: "expired", count: 1, first: at(8) },
        { provider: "fcm", status: "failed", count: 2, first: at(4) },
      ]);
    });

    const deep = (levels: number): Filter => (levels === 0 ? { status: "failed" } : { $or: [deep(levels - 1)] });

    it.each<[string, Filter, RegExp]>([
      ["code", { $where: "sleep(1000)" }, /\$where is not allowed/],
      ["code within", { $or: [{ $expr: { $function: { body: "f", args: [], lang: "js" } } }] }, /\$expr is not allowed/],
      ["deep nesting", deep(30), /nested deeper/],
      ["very many parts", { $or: Array.from({ length: 3_000 }, (_, index) => ({ to: `${index}` })) }, /more than/],
      ["a pattern that repeats a group", { to: { $regex: "^(a+)+$" } }, /repeats a group/],
      ["a pattern of choices that repeats", { to: { $regex: "^(a|a)*$" } }, /repeats a group/],
      ["a pattern with many open repetitions", { to: { $regex: "a*a*a*a*b" } }, /open repetitions/],
      ["a pattern that looks ahead", { to: { $regex: "(?=a)b" } }, /looks ahead/],
      ["a pattern that is none", { to: { $regex: "[" } }, /not a regular expression/],
      ["a very long pattern", { to: { $regex: "a".repeat(1_000) } }, /longer than/],
      ["a pattern of many bounded ranges", { to: { $regex: `${"a{0,99}".repeat(27)}b` } }, /too many ways/],
      ["a pattern of many options", { to: { $regex: `${"a?".repeat(60)}b` } }, /too many ways/],
      ["a pattern of many choices", { to: { $regex: `${"(a|a)".repeat(39)}b` } }, /too many ways/],
      ["a pattern of open and bounded repetitions", { to: { $regex: "a*a*a{0,50}b" } }, /too many ways/],
      ["such a pattern in a list", { to: { $in: [new RegExp(`${"a?".repeat(60)}b`)] } }, /too many ways/],
      ["such a pattern that is negated", { to: { $not: /^(a+)+$/ } }, /repeats a group/],
      ["a count that no store takes", { to: { $regex: "a{99999999999}" } }, /a\{99999999999\} repeats more than 65535 times/],
      ["a least count that no store takes", { to: { $regex: "[a-z]{65536,}" } }, /repeats more than 65535 times/],
      ["a highest count that no store takes", { to: { $regex: "a{0,4294967296}" } }, /repeats more than 65535 times/],
      ["inline options, which PCRE alone knows", { to: { $regex: "(?i)abc" } }, /inline options/],
      ["anchors of PCRE", { to: { $regex: String.raw`\Aabc\z` } }, /\\A is not supported/],
      ["POSIX classes", { to: { $regex: "[[:alpha:]]+" } }, /POSIX classes/],
      ["possessive quantifiers", { to: { $regex: "a++b" } }, /possessive|not a regular expression/],
      ["atomic groups", { to: { $regex: "(?>a)b" } }, /only PCRE has|not a regular expression/],
      ["properties of Unicode", { to: { $regex: String.raw`\p{L}` } }, /\\p is not supported/],
      ["other options", { to: { $regex: "a", $options: "g" } }, /"g" is not a combination of/],
      ["options without a pattern", { to: { $options: "i" } }, /\$options requires/],
      ["a pattern that is no string", { to: { $regex: 5 } }, /to: \$regex and \$options take strings/],
      ["no alternatives", { $or: [] }, /\$or takes at least one filter/],
      ["alternatives that are no filters", { $or: ["a"] }, /\$or takes filters, not "a"/],
      ["alternatives that are no list", { $and: {} }, /\$and takes a list/],
      ["alternatives within a field", { to: { $or: [{ $eq: "a" }] } }, /to: \$or is allowed only outside fields/],
      ["an operator without a field", { $gt: 5 }, /\$gt: is used in place of a field name/],
      ["operators mixed with fields", { to: { $ne: "a", b: 1 } }, /to: b cannot be combined with operators/],
      ["a list operator without a list", { to: { $in: "a" } }, /to: \$in takes a list, not "a"/],
      ["operators within a list", { to: { $nin: [{ $regex: "a" }] } }, /to: \$nin takes a value/],
      ["a size that is none", { engagement: { $size: "x" } }, /engagement: \$size takes a whole number from 0, not "x"/],
      ["a negative size", { engagement: { $size: -1 } }, /\$size takes/],
      ["a type that there is not", { to: { $type: "foo" } }, /to: \$type does not know "foo"/],
      ["no type", { to: { $type: [] } }, /\$type does not know/],
      ["an existence that is neither", { to: { $exists: "yes" } }, /to: \$exists takes true or false, not "yes"/],
      ["a remainder by zero", { attempts: { $mod: [0, 1] } }, /attempts: \$mod takes a divisor that is not 0/],
      ["half a remainder", { attempts: { $mod: [2] } }, /\$mod takes a divisor/],
      ["a negation of a value", { to: { $not: "a" } }, /to: \$not takes operators or a pattern, not "a"/],
      ["an element that matches a value", { lineage: { $elemMatch: "a" } }, /lineage: \$elemMatch takes conditions, not "a"/],
      ["a pattern that is compared", { to: { $gt: /a/ } }, /to: \$gt takes no pattern/],
      ["a time compared with a string", { acceptedAt: { $gt: "2026-11-21" } }, /acceptedAt: is a time, but is compared with "2026-11-21"/],
      ["a time compared with a number", { finalAt: 1_795_000_000_000 }, /finalAt: is a time/],
      ["a time in a list of strings", { $nor: [{ expiresAt: { $nin: ["2026"] } }] }, /expiresAt: is a time/],
      ["a time of a step compared with a string", { lineage: { $elemMatch: { at: { $lt: "x" } } } }, /lineage\.at: is a time/],
    ])("refuses %s", async (_, filter, reason) => {
      const refusal = { code: "FILTER_REFUSED", message: expect.stringMatching(reason) };
      await expect(store.query("messages_push", filter)).rejects.toMatchObject(refusal);
      await expect(store.count("messages_push", filter)).rejects.toMatchObject(refusal);
      await expect(store.aggregate("messages_push", [{ $match: filter }])).rejects.toMatchObject(refusal);
    });

    it.each([
      ["writes", [{ $out: "elsewhere" }]],
      ["other collections", [{ $lookup: { from: "messages_sms", localField: "to", foreignField: "to", as: "x" } }]],
      ["code", [{ $group: { _id: null, x: { $accumulator: {} } } }]],
      ["code in a field", [{ $addFields: { x: { $function: { body: "f", args: [], lang: "js" } } } }]],
    ])("refuses a pipeline with %s", async (_, pipeline) => {
      await expect(store.aggregate("messages_push", pipeline)).rejects.toMatchObject({ code: "FILTER_REFUSED" });
    });
  });
};
