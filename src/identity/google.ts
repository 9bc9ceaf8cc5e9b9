/**
 * Signing in with an ID token that a page got from Google, or from whatever issuer stands in its place. Whoever holds
 * the token can show it, and it carries nothing of ours: it opens one session here, and shown again it is refused.
 */
import { looksLikeJwt } from "./access-token.ts";
import { useOnce } from "./assertion.ts";
import { record } from "./audit.ts";
import type { Core } from "./core.ts";
import type { Place } from "./known.ts";
import { providerOf } from "./provider.ts";
import { Refusal } from "./refusal.ts";
import { settled } from "./second.ts";
import type { Opened } from "./session.ts";
import type { Challenge } from "./signin.ts";
import { UpstreamFault } from "./upstream.ts";
import { welcome } from "./welcome.ts";

/** A token is taken until this long after its end: so much may clocks differ. */
const skewMs = 60_000;

/** Refuses: `NOT_FOUND` without a client id, `INVALID_TOKEN`, `UPSTREAM_UNAVAILABLE`, `REGISTRATION_CLOSED`, `ACCOUNT_DISABLED`. */
export async function loginWithGoogle(
  core: Core,
  { idToken, place }: { idToken: string; place: Place },
): Promise<Opened | Challenge> {
  const { googleClientId: audience, googleIssuer: issuer } = core.fixed;
  if (audience === null) throw new Refusal("NOT_FOUND");
  try {
    if (!looksLikeJwt(idToken)) throw new UpstreamFault("denied", "The ID token is malformed.");
    const asked = { issuer, audience, token: idToken };
    const { claims, expiresAt } = await core.upstream.readIdToken(asked, core.clock());
    // What is signed, without the signature, which can be written in more than one way.
    const signed = idToken.slice(0, idToken.lastIndexOf("."));
    const usableUntil = new Date(expiresAt.getTime() + skewMs);
    const ended = await core.store.write(async (tx) => {
      if (!(await useOnce(tx, signed, usableUntil)))
        throw new UpstreamFault("denied", "The ID token was used before.");
      const linkByEmail = (await providerOf(tx))?.linkByEmail ?? false;
      return welcome(core, tx, { claims, provision: true, linkByEmail, kind: "spa", place });
    });
    return settled(ended);
  } catch (error) {
    throw await failed(core, error, place);
  }
}

async function failed(core: Core, error: unknown, place: Place): Promise<unknown> {
  if (!(error instanceof UpstreamFault)) return error;
  await core.store.write((tx) =>
    record(core, tx, place, {
      event: "signin.failed",
      methods: ["oidc"],
      result: "refused",
      reason: error.words.slice(0, 200),
    }),
  );
  if (error.kind === "denied") return new Refusal("INVALID_TOKEN", { cause: error });
  return new Refusal("UPSTREAM_UNAVAILABLE", { message: error.words, retryAfter: 5, cause: error });
}
