import type { Reads } from "../identity/store.ts";
import { unavailable } from "./connection.ts";

/** The same reads, with the engine's own failures named for callers: a damaged file is no bug of the request. */
export function namingFailures(reads: Reads): Reads {
  const named = Object.entries(reads).map(([noun, port]) => [noun, wrapped(port)]);
  return Object.fromEntries(named) as unknown as Reads;
}

type Method = (...args: unknown[]) => unknown;

function wrapped(port: object): object {
  const methods = Object.entries(port as Record<string, Method>).map(([name, method]) => {
    const call = (...args: unknown[]): unknown => {
      const answer = method(...args);
      // What is remembered comes at once and cannot fail.
      return isThenable(answer) ? answer.then(undefined, rename) : answer;
    };
    return [name, call];
  });
  return Object.fromEntries(methods);
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === "object" && value !== null && "then" in value;

function rename(error: unknown): never {
  throw unavailable(error);
}
