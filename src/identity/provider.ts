/** The one other provider people may sign in with, as an admin set it up. */
import { type Actor, requireStill } from "./actor.ts";
import { record } from "./audit.ts";
import type { Core } from "./core.ts";
import type { Step } from "./doctor.ts";
import { policy } from "./policy.ts";
import { Refusal } from "./refusal.ts";
import type { Writes } from "./store.ts";
import { type Client, UpstreamFault } from "./upstream.ts";
import { refuseLockOut } from "./way-in.ts";

export interface Provider {
  readonly issuer: string;
  readonly clientId: string;

  /** The client's secret, sealed for this issuer and client; null: a public client. */
  readonly sealedSecret: string | null;

  /** As the sign-in page calls it. */
  readonly name: string;

  readonly scopes: readonly string[];
  readonly enabled: boolean;

  /** Whoever it knows and the house does not gets an account, as far as registration allows. */
  readonly autoProvision: boolean;

  /** An address that both sides have verified joins the two. */
  readonly linkByEmail: boolean;

  /** Counts the changes. */
  readonly revision: number;
}

export interface ProviderReads {
  current(): Promise<Provider | null>;
}

export interface ProviderWrites extends ProviderReads {
  /** `null` when what is there is not of the revision before. */
  put(provider: Provider): Promise<Provider | null>;
}

export const providerOf = (tx: Pick<Writes, "providers">): Promise<Provider | null> => tx.providers.current();

export const currentProvider = (core: Core): Promise<Provider | null> => core.store.read.providers.current();

/** Where the provider sends people back to. */
export const redirectUri = async (core: Core, tx?: Writes): Promise<string> =>
  `${(await policy(core, tx)).url}/auth/oidc/callback`;

/** What an admin asks for; what is absent keeps its value. */
export interface ProviderPatch {
  readonly issuer: string;
  readonly clientId: string;

  /** Null: a public client. */
  readonly clientSecret?: string | null;

  readonly name?: string;
  readonly scopes?: readonly string[];
  readonly enabled?: boolean;
  readonly autoProvision?: boolean;
  readonly linkByEmail?: boolean;
}

const mostRounds = 5;

/**
 * Takes the settings over once the provider has answered as it should; otherwise the old ones stay. Of two changes at
 * once the second is judged again on top of the first, so that nothing is ever kept that was not tried as a whole.
 *
 * Refuses: `INVALID_PROVIDER`, which says what failed; `INVALID_REQUEST` when the secret has to come along;
 * `LAST_SIGN_IN_METHOD` when no admin could sign in any more; `FORBIDDEN`, `BUSY`.
 */
export async function putProvider(core: Core, by: Actor, patch: ProviderPatch): Promise<void> {
  for (let round = 0; round < mostRounds; round++) {
    const before = await core.store.read.providers.current();
    const next = merged(core, before, patch);
    await proveProvider(core, next);
    const kept = await core.store.write(async (tx) => {
      await requireStill(tx, by, "provider:write");
      if (!(await tx.providers.put(next))) return null;
      await refuseLockOut(core, tx, await policy(core, tx));
      const reason = `${next.issuer} ${next.enabled ? "on" : "off"}`.slice(0, 200);
      await record(core, tx, by.place, { event: "provider.changed", actorId: by.userId, reason });
      return next;
    });
    if (kept) return;
  }
  throw new Refusal("BUSY", { retryAfter: 1 });
}

function merged(core: Core, before: Provider | null, patch: ProviderPatch): Provider {
  const { issuer, clientId, clientSecret } = patch;
  const isOther = before !== null && (before.issuer !== issuer || before.clientId !== clientId);
  // A secret is shown to nobody but whom it was given for.
  if (clientSecret === undefined && isOther && before.sealedSecret !== null)
    throw new Refusal("INVALID_REQUEST", {
      details: [
        {
          path: "client_secret",
          message: "Enter it again for another issuer or client, or null for a public client.",
        },
      ],
    });
  const sealed =
    typeof clientSecret === "string" ? core.keys.seal("provider", contextOf(patch), clientSecret) : null;
  return {
    issuer,
    clientId,
    sealedSecret: clientSecret === undefined ? (before?.sealedSecret ?? null) : sealed,
    name: patch.name ?? before?.name ?? new URL(issuer).host,
    scopes: patch.scopes ?? before?.scopes ?? ["openid", "email", "profile"],
    enabled: patch.enabled ?? before?.enabled ?? true,
    autoProvision: patch.autoProvision ?? before?.autoProvision ?? false,
    linkByEmail: patch.linkByEmail ?? before?.linkByEmail ?? false,
    revision: (before?.revision ?? 0) + 1,
  };
}

const contextOf = ({ issuer, clientId }: Pick<Provider, "issuer" | "clientId">): string =>
  `${issuer} ${clientId}`;

async function proveProvider(core: Core, provider: Provider): Promise<void> {
  try {
    await core.upstream.discover(await clientOf(core, provider), core.clock());
  } catch (error) {
    if (!(error instanceof UpstreamFault)) throw error;
    const message = error.fix === undefined ? error.words : `${error.words} ${error.fix}`;
    throw new Refusal("INVALID_PROVIDER", { message, details: [{ path: "issuer", message }], cause: error });
  }
}

/** This house as the provider knows it. */
export async function clientOf(core: Core, provider: Provider): Promise<Client> {
  const { issuer, clientId, sealedSecret, scopes } = provider;
  const clientSecret =
    sealedSecret === null ? null : core.keys.open("provider", contextOf(provider), sealedSecret);
  return { issuer, clientId, clientSecret, scopes, redirectUri: await redirectUri(core) };
}

/** Tries the provider out as it is set up, switched off or not. */
export async function testProvider(core: Core): Promise<Step[]> {
  const provider = await core.store.read.providers.current();
  if (!provider) {
    const fix = "Enter its issuer, and the client id it gave this house.";
    return [{ name: "settings", ok: false, message: "No other provider is set up.", fix }];
  }
  const { urlIsSet, url } = await policy(core);
  const back = await redirectUri(core);
  const settings: Step = urlIsSet
    ? { name: "settings", ok: true, message: `The provider must send people back to ${back}.` }
    : {
        name: "settings",
        ok: false,
        message: `Nobody has set the address of this house, so people are sent back to ${url}.`,
        fix: "Set HOUSEKEY_URL, or the address in the settings.",
      };
  return [settings, ...(await core.upstream.examine(await clientOf(core, provider), core.clock()))];
}

/** The same for whoever looks over the whole house: nothing where no provider is set up. */
export const examineProvider = async (core: Core): Promise<Step[]> =>
  (await core.store.read.providers.current()) === null ? [] : testProvider(core);
