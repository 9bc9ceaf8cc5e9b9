/** The way to other providers, not loaded before somebody takes it: most houses never do. */
import type { Upstream } from "../identity/upstream.ts";
import type { Bounds } from "./fetch.ts";

export function makeUpstream(bounds?: Bounds): Upstream {
  let loading: Promise<Upstream> | undefined;
  const load = () => {
    loading ??= import("./provider.ts").then(({ makeProviders }) => makeProviders(bounds));
    return loading;
  };
  return {
    discover: async (...asked) => (await load()).discover(...asked),
    examine: async (...asked) => (await load()).examine(...asked),
    signInUrl: async (...asked) => (await load()).signInUrl(...asked),
    redeem: async (...asked) => (await load()).redeem(...asked),
    readIdToken: async (...asked) => (await load()).readIdToken(...asked),
  };
}
