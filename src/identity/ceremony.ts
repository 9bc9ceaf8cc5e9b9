/**
 * A question put to an authenticator that waits for its answer: a challenge, and what it may be answered for.
 * It is bound to its purpose and to who asked, and the first answer ends it, right or wrong.
 *
 *     open ──answered──▶ gone
 *       ├── the asker's newer ones are too many, or its account was locked ──▶ gone
 *       └── five minutes ──▶ expired
 */
import { randomBytes } from "node:crypto";
import { record } from "./audit.ts";
import { type Core, later } from "./core.ts";
import type { FormerHost } from "./domain.ts";
import type { Place } from "./known.ts";
import { hostOf, policy, rpIdsOf } from "./policy.ts";
import { Refusal } from "./refusal.ts";
import { hashSecret } from "./secret.ts";
import type { Writes } from "./store.ts";
import { type RelyingParty, readClientData, Unacceptable } from "./webauthn.ts";

export type CeremonyPurpose = "register" | "authenticate" | "recovery";

export interface Ceremony {
  readonly challengeHash: string;
  readonly purpose: CeremonyPurpose;

  /** The one who may answer: a session, a recovery link, or a client's address. */
  readonly asker: string;

  /** Whose passkey it is about; null when that is open, or when the name that was given is nobody's. */
  readonly userId: string | null;

  /** Whether a name was given: then only a passkey of `userId` will do. */
  readonly named: boolean;

  readonly createdAt: Date;
  readonly expiresAt: Date;
}

export interface CeremonyReads {
  find(challengeHash: string): Promise<Ceremony | null>;
}

export interface CeremonyWrites extends CeremonyReads {
  /** Inserts, and lets go of the same asker's oldest for the same purpose until `most` are left. */
  insert(ceremony: Ceremony, most: number): Promise<void>;

  /** open → gone; `null` when another answer came first, or its time is up. */
  spend(challengeHash: string, at: Date): Promise<Ceremony | null>;

  deleteFor(userId: string): Promise<void>;

  sweep(now: Date): Promise<void>;
}

export const ceremonySeconds = 300;

/** Of one asker and purpose. A household behind one address shares them. */
const mostOpen = 64;

/** The house as an authenticator knows it, and the names it may be known by. */
export interface House extends RelyingParty {
  /** Its own `id` first, then that of its former host until the move is over. */
  readonly ids: readonly string[];

  readonly former: FormerHost | null;
}

/** Who the house is to an authenticator. Nothing of it comes from a request, so nobody can be lent our name. */
export async function relyingParty(core: Core, tx?: Writes): Promise<House> {
  const rules = await policy(core, tx);
  const { url, formerHost: former } = rules;
  return { id: hostOf(url), ids: rpIdsOf(rules), former, origins: [url, ...core.fixed.origins] };
}

/** Opens a ceremony; answers its challenge, base64url, which is not kept. */
export async function openCeremony(
  core: Core,
  tx: Writes,
  facts: Pick<Ceremony, "purpose" | "asker" | "userId" | "named">,
): Promise<string> {
  const challenge = randomBytes(32).toString("base64url");
  const createdAt = core.clock();
  const expiresAt = later(core, ceremonySeconds);
  await tx.ceremonies.insert(
    { ...facts, challengeHash: hashSecret(challenge), createdAt, expiresAt },
    mostOpen,
  );
  return challenge;
}

export interface Answering<Judged, Result> {
  readonly answer: { readonly response: { readonly clientDataJSON: string } };
  readonly purpose: CeremonyPurpose;
  readonly asker: string;
  readonly place: Place;

  /** Whoever answers is signed in. */
  readonly signedIn?: true;

  /** Judges the answer. Sets whose account it is about as soon as that is known. Throws `Unacceptable`. */
  readonly judge: (ceremony: Ceremony, about: About) => Promise<Judged>;

  /** Does what the answer is good for, in the write that ends the ceremony. */
  readonly work: (tx: Writes, judged: Judged) => Promise<Result>;
}

export interface About {
  userId: string | null;
}

/**
 * Takes an answer. Whatever is wrong with it, the asker hears the same, and the audit why.
 *
 * Refuses: `PASSKEY_REJECTED`, and what `work` refuses.
 */
export async function answerCeremony<Judged, Result>(
  core: Core,
  { answer, purpose, asker, place, signedIn, judge, work }: Answering<Judged, Result>,
): Promise<Result> {
  const about: About = { userId: null };
  let challengeHash = "";
  try {
    challengeHash = hashSecret(readClientData(answer.response).challenge);
    const ceremony = await core.store.read.ceremonies.find(challengeHash);
    if (!ceremony || ceremony.expiresAt <= core.clock()) throw new Unacceptable("challenge");
    if (ceremony.purpose !== purpose || ceremony.asker !== asker) throw new Unacceptable("challenge");
    about.userId = ceremony.userId;
    const judged = await judge(ceremony, about);
    return await core.store.write(async (tx) => {
      if (!(await tx.ceremonies.spend(challengeHash, core.clock()))) throw new Unacceptable("challenge");
      return work(tx, judged);
    });
  } catch (error) {
    const reason = reasonOf(error);
    if (reason === null) throw error;
    await core.store.write(async (tx) => {
      // What `work` refused was rolled back, and the ceremony's end with it.
      await tx.ceremonies.spend(challengeHash, core.clock());
      const facts = { event: "passkey.refused", methods: ["passkey"], result: "refused", reason } as const;
      await record(core, tx, place, { ...facts, userId: about.userId });
    });
    if (error instanceof Unacceptable)
      throw new Refusal("PASSKEY_REJECTED", { signedIn: signedIn ?? false, cause: error });
    throw error;
  }
}

/** Null for what is nobody's fault who answered. */
function reasonOf(error: unknown): string | null {
  if (error instanceof Unacceptable) return error.reason;
  return error instanceof Refusal && error.code !== "STORE_UNAVAILABLE" ? error.code : null;
}

/** Forgets what nobody answered in time. */
export function sweepCeremonies(core: Core): Promise<void> {
  return core.store.write((tx) => tx.ceremonies.sweep(core.clock()));
}
