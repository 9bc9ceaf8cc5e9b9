import type { Database } from "bun:sqlite";

/**
 * A number that moves when another process has committed; own commits leave it alone, which is so on the connection
 * that makes them. It takes two system calls, more than all else that a remembered session costs.
 *
 * So one answer does for all that is done in one turn, until the microtasks that are waiting have run. A request that
 * arrives later begins a turn of its own, and hears of every commit before it; so does one that is answered in the same
 * turn, since it was here before the question was asked. `onLook` is told of each question.
 */
export function versionOf(writer: Database, onLook?: () => void): () => number | undefined {
  const query = writer.query<{ data_version: number }, []>("PRAGMA data_version");
  let known = query.get()?.data_version;
  let isCurrent = false;
  const endTurn = () => {
    isCurrent = false;
  };
  return () => {
    if (isCurrent) return known;
    onLook?.();
    known = query.get()?.data_version;
    isCurrent = true;
    queueMicrotask(endTurn);
    return known;
  };
}
