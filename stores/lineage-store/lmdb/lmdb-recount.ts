import type { LmdbEnvironment } from "../../lmdb-environment.js";
import type { Calendar } from "../calendar.js";
import { messageCollections, rollupKinds } from "../lineage-store.js";
import { rollupsOf } from "../rollup.js";
import type { LmdbDocuments } from "./lmdb-documents.js";
import { acceptedIn, type Span } from "./plan.js";

const all: Span = { fromMs: 0, endMs: 8_640_000_000_000_000 };

/** Times of the oldest or newest document or rollup of each kind. */
const outermost = (documents: LmdbDocuments, newest: boolean): number[] => [
  ...messageCollections.flatMap((collection) => {
    const [first] = documents.read(collection, acceptedIn(all), newest);
    return first ? [first.acceptedAt.getTime()] : [];
  }),
  ...rollupKinds.flatMap((kind) => {
    const rollups = [...documents.rollups.read(kind, all)];
    return (newest ? rollups.slice(-1) : rollups.slice(0, 1)).map(({ from }) => from.getTime());
  }),
];

/** All days from the first document or rollup to the last. */
const days = function* (documents: LmdbDocuments, calendar: Calendar): Generator<Span> {
  const [begins, ends] = [outermost(documents, false), outermost(documents, true)];
  if (begins.length === 0) return;
  const last = Math.max(...ends);
  let begin = calendar.beginOf("day", new Date(Math.min(...begins)));
  while (begin.getTime() <= last) {
    const end = calendar.nextDay(begin);
    yield { fromMs: begin.getTime(), endMs: end.getTime() };
    begin = end;
  }
};

/** Recounts all documents, one transaction a day. Resolves with their number. */
export const recountInLmdb = async (
  environment: LmdbEnvironment,
  documents: LmdbDocuments,
  calendar: Calendar,
  onProgress?: (documents: number) => void,
): Promise<number> => {
  const { rollups } = documents;
  let done = 0;
  for (const day of days(documents, calendar)) {
    await environment.transaction(() => {
      const ofDay = messageCollections.flatMap((collection) => [...documents.read(collection, acceptedIn(day), false)]);
      for (const kind of rollupKinds) {
        for (const { _id } of [...rollups.read(kind, day)]) rollups.set(kind, _id, undefined);
        for (const rollup of rollupsOf(kind, ofDay, calendar)) rollups.set(kind, rollup._id, rollup);
      }
      done += ofDay.length;
    });
    onProgress?.(done);
  }
  return done;
};
