/**
 * Signing in, or linking, by way of the other provider. A sign-in under way is kept in its own `state`, sealed for the
 * one browser that began it: asking for one writes nothing, and only that it came back is written.
 *
 *     begun ──the browser comes back──▶ used ──the provider's word holds──▶ signed in, challenged, or linked
 *       └── ten minutes ──▶ expired        └── it does not ──▶ over
 */
import { useOnce } from "./assertion.ts";
import { record } from "./audit.ts";
import { type Core, later } from "./core.ts";
import { linkIdentity } from "./identity.ts";
import type { Place } from "./known.ts";
import { isOpen } from "./life.ts";
import { limitKey } from "./limit.ts";
import { policy } from "./policy.ts";
import { clientOf, type Provider, providerOf } from "./provider.ts";
import { Refusal, type RefusalCode } from "./refusal.ts";
import { settled } from "./second.ts";
import { hashSecret, mintSecret } from "./secret.ts";
import type { Caller, Opened } from "./session.ts";
import type { Challenge } from "./signin.ts";
import type { Writes } from "./store.ts";
import { type Claims, type Secrets, UpstreamFault } from "./upstream.ts";
import { welcome } from "./welcome.ts";

export const flowSeconds = 600;

export interface Beginning {
  /** A path of this house. */
  readonly returnTo: string;

  /** What this browser holds of an earlier one, so that two may be under way; null: nothing. */
  readonly browser: string | null;

  /** Whoever is signed in and wants it linked; null: somebody wants to sign in. */
  readonly caller: Caller | null;
}

interface UnderWay {
  readonly issuer: string;
  readonly clientId: string;
  readonly returnTo: string;
  readonly link: { readonly userId: string; readonly sessionId: string } | null;

  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/**
 * Where to send the browser, and what it has to hold until it comes back. Refuses: `NOT_FOUND` when no provider is
 * enabled, `UPSTREAM_UNAVAILABLE`.
 */
export async function beginFlow(
  core: Core,
  { returnTo, browser, caller }: Beginning,
): Promise<{ url: string; browser: string }> {
  const provider = await core.store.read.providers.current();
  if (!provider?.enabled) throw new Refusal("NOT_FOUND");
  const { issuer, clientId } = provider;
  const link = caller && { userId: caller.user.id, sessionId: caller.session.id };
  const expiresAt = later(core, flowSeconds).getTime();
  const underWay: UnderWay = { issuer, clientId, returnTo, link, expiresAt };
  const held = browser ?? mintSecret(32);
  const state = core.keys.seal("upstream", hashSecret(held), JSON.stringify(underWay));
  const client = await clientOf(core, provider);
  try {
    return {
      url: await core.upstream.signInUrl(client, secretsOf(core, held, state), core.clock()),
      browser: held,
    };
  } catch (error) {
    if (!(error instanceof UpstreamFault)) throw error;
    core.log.warn("nobody could be sent to the sign-in provider", { error: error.words });
    throw new Refusal("UPSTREAM_UNAVAILABLE", { message: error.words, retryAfter: 5, cause: error });
  }
}

/** Made of what the browser holds, so that the house need not keep them. */
const secretsOf = (core: Core, held: string, state: string): Secrets => ({
  state,
  nonce: core.keys.mac("upstream", `nonce ${held} ${state}`),
  verifier: core.keys.mac("upstream", `verifier ${held} ${state}`),
});

function underWayIn(core: Core, state: string | null, browser: string | null): UnderWay | null {
  if (state === null || browser === null) return null;
  try {
    return JSON.parse(core.keys.open("upstream", hashSecret(browser), state));
  } catch {
    return null;
  }
}

export interface Returning {
  /** As the provider sent the browser back. */
  readonly query: URLSearchParams;

  readonly browser: string | null;
  readonly place: Place;
}

/** Null: nobody was signed in, an identity was linked. */
export interface Arrived {
  readonly returnTo: string;
  readonly ended: Opened | Challenge | null;
}

/** Refuses: `INVALID_CHALLENGE`, `UPSTREAM_DENIED`, `UPSTREAM_UNAVAILABLE`, `REGISTRATION_CLOSED`, `ACCOUNT_DISABLED`. */
export async function finishFlow(core: Core, { query, browser, place }: Returning): Promise<Arrived> {
  const state = query.get("state");
  const underWay = underWayIn(core, state, browser);
  if (state === null || browser === null || !underWay) {
    // Anybody can send this; it is nobody's sign-in that failed.
    core.log.info("a browser came back that was not sent", { address: place.address });
    throw new Refusal("INVALID_CHALLENGE");
  }
  try {
    const provider = await take(core, state, underWay);
    const client = await clientOf(core, provider);
    const claims = await core.upstream.redeem(client, secretsOf(core, browser, state), query, core.clock());
    const ended = await core.store.write(async (tx) => {
      const { autoProvision: provision, linkByEmail } = stillAsked(await providerOf(tx), underWay);
      if (underWay.link) return link(core, tx, underWay.link, { claims, place });
      return welcome(core, tx, { claims, provision, linkByEmail, kind: "web", place });
    });
    return { returnTo: underWay.returnTo, ended: settled(ended) };
  } catch (error) {
    const failed = failureOf(error);
    if (!failed) throw error;
    await recordFailure(core, failed, underWay, place);
    throw new Refusal(failed.code, { cause: error });
  }
}

/** Uses the sign-in up, before anybody is asked anything about it. */
async function take(core: Core, state: string, underWay: UnderWay): Promise<Provider> {
  if (underWay.expiresAt <= core.clock().getTime()) throw gone("it took longer than ten minutes");
  return core.store.write(async (tx) => {
    if (!(await useOnce(tx, state, new Date(underWay.expiresAt)))) throw gone("it came back before");
    return stillAsked(await providerOf(tx), underWay);
  });
}

/** The provider may have been switched off or changed meanwhile: what one says is nothing another said. */
function stillAsked(provider: Provider | null, { issuer, clientId }: UnderWay): Provider {
  if (provider?.enabled && provider.issuer === issuer && provider.clientId === clientId) return provider;
  throw gone("another provider is asked by now");
}

const gone = (message: string): Refusal => new Refusal("INVALID_CHALLENGE", { message });

async function link(
  core: Core,
  tx: Writes,
  { userId, sessionId }: NonNullable<UnderWay["link"]>,
  { claims, place }: { claims: Claims; place: Place },
): Promise<null> {
  const user = await tx.users.find(userId);
  const session = await tx.sessions.find(sessionId);
  const { lifetimes } = await policy(core, tx);
  const sighted = core.sightings.get(sessionId);
  if (!user || user.disabledAt || !session || !isOpen(session, core.clock(), lifetimes, sighted))
    throw gone("the session that asked is over");
  if (await linkIdentity(core, tx, { user, session }, { claims, place })) return null;
  const known = await tx.identities.find(claims.issuer, claims.subject);
  if (known?.userId !== userId)
    throw new UpstreamFault("denied", "This identity belongs to another account.");
  return null;
}

interface Failure {
  readonly code: RefusalCode;
  readonly reason: string;
}

function failureOf(error: unknown): Failure | null {
  if (error instanceof UpstreamFault) {
    const code = error.kind === "denied" ? "UPSTREAM_DENIED" : "UPSTREAM_UNAVAILABLE";
    return { code, reason: error.words };
  }
  if (!(error instanceof Refusal) || error.code === "STORE_UNAVAILABLE") return null;
  return { code: error.code, reason: error.words ?? "" };
}

/** Counted like any other failed sign-in of the address: beyond the limit there is no line for each. */
async function recordFailure(
  core: Core,
  { code, reason }: Failure,
  { link }: UnderWay,
  place: Place,
): Promise<void> {
  if (core.limiter.take("signin", limitKey(place.address))?.allowed === false) return;
  await core.store.write((tx) =>
    record(core, tx, place, {
      event: "signin.failed",
      userId: link?.userId ?? null,
      methods: ["oidc"],
      result: "refused",
      reason: (reason === "" ? code : `${code}: ${reason}`).slice(0, 200),
    }),
  );
}
