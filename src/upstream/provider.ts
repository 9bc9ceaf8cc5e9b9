/** OpenID Connect to another provider: what the core asks of it, put together. Loaded on first use. */
import type { Upstream } from "../identity/upstream.ts";
import { claimsOf, type Flow, redeem, signInUrl } from "./code-flow.ts";
import { makeDirectory } from "./directory.ts";
import { examine } from "./examine.ts";
import { type Bounds, defaultBounds } from "./fetch.ts";
import { readIdToken } from "./id-token.ts";

export function makeProviders(bounds: Bounds = defaultBounds): Upstream {
  const directory = makeDirectory(bounds);
  const flow: Flow = { bounds, directory };
  return {
    async discover({ issuer }, now) {
      const description = await directory.describe(issuer, now, { anew: true });
      await directory.keys(description, now, { anew: true });
    },
    examine: (client, now) => examine(flow, client, now),
    signInUrl: (client, secrets, now) => signInUrl(flow, client, secrets, now),
    redeem: (client, secrets, query, now) => redeem(flow, client, secrets, query, now),
    async readIdToken(asked, now) {
      const token = await readIdToken(directory, asked, now);
      return { claims: claimsOf(asked.issuer, token), expiresAt: new Date(token.exp * 1000) };
    },
  };
}
