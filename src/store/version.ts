import type { Database } from "bun:sqlite";

export interface Version {
  /** A number that moves when another process has committed; own commits leave it alone. */
  current(): number | undefined;

  /** Does `work`, which a request just brought that came by a socket: see below. What `work` awaits is done without. */
  together<Result>(work: () => Result): Result;
}

/**
 * Own commits leave the number alone on the connection that makes them. To ask for it takes two system calls, more than
 * all else that a remembered session costs.
 *
 * So one answer does for all that is done in one turn, until the microtasks that are waiting have run. A request that
 * arrives later begins a turn of its own, and hears of every commit before it.
 *
 * Requests that were waiting when the runtime looked at its sockets share an answer, until it looks again: they were all
 * there before the question was asked. A request that begins after a commit makes its socket one of the next ones; only
 * a client that sends it before it has heard the answer to its last can have it among the earlier. The answer is kept by
 * `setImmediate`, which runs between two looks at the sockets as long as it is asked for while these are served. Asked
 * for anywhere else it may run after the next look, and what has nothing to do with a socket keeps nothing.
 *
 * `onLook` is told of each question.
 */
export function versionOf(writer: Database, onLook?: () => void): Version {
  const query = writer.query<{ data_version: number }, []>("PRAGMA data_version");
  let known = query.get()?.data_version;
  let isCurrent = false;
  let areTogether = false;
  const end = () => {
    isCurrent = false;
  };
  return {
    current() {
      if (isCurrent) return known;
      onLook?.();
      known = query.get()?.data_version;
      isCurrent = true;
      if (areTogether) setImmediate(end);
      else queueMicrotask(end);
      return known;
    },

    together(work) {
      areTogether = true;
      try {
        return work();
      } finally {
        areTogether = false;
      }
    },
  };
}
