import type { Database } from "bun:sqlite";

/**
 * A number that moves when another process has committed; own commits leave it alone, which is so on the connection
 * that makes them. It takes two system calls, more than all else that a remembered session costs.
 *
 * So one answer does for all the requests that were waiting when the runtime last looked at its sockets, and none is
 * kept until it looks again: those are the requests that were here before the question was asked. One that begins after
 * a commit finds its socket among the next ones, and hears of it; that a client sends the next request before it has the
 * answer to the last is the one way to be among the earlier. `onLook` is told of each question.
 */
export function versionOf(writer: Database, onLook?: () => void): () => number | undefined {
  const query = writer.query<{ data_version: number }, []>("PRAGMA data_version");
  let known = query.get()?.data_version;
  let isCurrent = false;
  const endRound = () => {
    isCurrent = false;
  };
  return () => {
    if (isCurrent) return known;
    onLook?.();
    known = query.get()?.data_version;
    isCurrent = true;
    setImmediate(endRound);
    return known;
  };
}
