/**
 * Something was proved, and a session is still to come: a first factor that waits for the second, or a passkey
 * that waits to be used. Its token has no power of its own and opens nothing else.
 *
 *     live ──spend──▶ gone
 *       ├── its fifth wrong code ──▶ gone
 *       ├── factor changed, reset, recovery, disabling ──▶ gone
 *       └── its time is up ──▶ expired
 */
import { type Core, later } from "./core.ts";
import { hashSecret, mintSecret } from "./secret.ts";
import type { Method } from "./session.ts";
import type { Writes } from "./store.ts";
import type { Claims } from "./upstream.ts";

/** What it can be spent for: the second step of a sign-in with tokens, of one through a provider, or a use of a passkey. */
export type ProofPurpose = "second" | "upstream" | "passkey";

export interface Proof {
  readonly tokenHash: string;
  readonly purpose: ProofPurpose;
  readonly userId: string;

  /** What was proved. */
  readonly methods: readonly Method[];

  /** An identity that is linked once the second factor was right (`Claims` as JSON), sealed; null: none. */
  readonly sealedLink: string | null;

  /** Wrong codes so far. */
  readonly tries: number;

  readonly createdAt: Date;
  readonly expiresAt: Date;
}

export interface ProofReads {
  find(tokenHash: string): Promise<Proof | null>;
}

export interface ProofWrites extends ProofReads {
  insert(proof: Proof): Promise<void>;

  /** live → gone; `null` when it was not live any more, or is for something else. */
  spend(tokenHash: string, purpose: ProofPurpose, at: Date): Promise<Proof | null>;

  /** One wrong code more; `most` of them, and it is gone. Answers whether it is. */
  fail(tokenHash: string, most: number): Promise<boolean>;

  deleteFor(userId: string): Promise<void>;

  sweep(now: Date): Promise<void>;
}

/** Seconds a first factor waits for the second. */
export const challengeSeconds = 300;

/** Wrong codes that end a challenge. */
export const mostTries = 5;

export interface NewProof extends Pick<Proof, "purpose" | "userId" | "methods"> {
  /** How long it can be spent. */
  readonly seconds: number;

  /** What is linked to the account together with the second factor. */
  readonly link?: Claims | undefined;
}

export async function mintProof(
  core: Core,
  tx: Writes,
  { purpose, userId, methods, seconds, link }: NewProof,
): Promise<{ token: string; expiresAt: Date }> {
  const token = mintSecret(32);
  const tokenHash = hashSecret(token);
  const expiresAt = later(core, seconds);
  await tx.proofs.insert({
    tokenHash,
    purpose,
    userId,
    methods,
    sealedLink: link ? core.keys.seal("upstream", tokenHash, JSON.stringify(link)) : null,
    tries: 0,
    createdAt: core.clock(),
    expiresAt,
  });
  return { token, expiresAt };
}

/** What the proof links besides, if anything. */
export const linkIn = (core: Core, { sealedLink, tokenHash }: Proof): Claims | undefined =>
  sealedLink === null ? undefined : JSON.parse(core.keys.open("upstream", tokenHash, sealedLink));
