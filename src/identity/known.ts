/**
 * Where an account has signed in from before: its addresses and its browsers.
 *
 * A browser is known by a random cookie set at a completed sign-in. What is known proves nothing about a
 * person; it only keeps a stranger's failures apart from the owner's own.
 */
import type { Core } from "./core.ts";
import { write } from "./mail.ts";
import { hashSecret, mintSecret } from "./secret.ts";
import type { Writes } from "./store.ts";
import type { User } from "./user.ts";

/** Where a request comes from, as far as anybody can tell. */
export interface Place {
  /** The client's IP address in canonical text. */
  readonly address: string;

  readonly userAgent: string | null;

  /** The client in words ("Chrome on macOS"), when it says what it is. */
  readonly device: string | null;

  /** The device cookie as presented. */
  readonly browser: string | null;
}

/** `written`: no place, but an e-mail address that the account's maker wrote down for themselves, see `claim.ts`. */
export type KnownKind = "address" | "browser" | "written";

/** `mark` is the address itself, or the hash of the device cookie. */
export interface Known {
  readonly userId: string;
  readonly kind: KnownKind;
  readonly mark: string;
  readonly firstAt: Date;
  readonly lastAt: Date;
}

export interface KnownReads {
  /** Whether the account ever signed in from anywhere. */
  any(userId: string): Promise<boolean>;

  find(userId: string, kind: KnownKind, mark: string): Promise<Known | null>;
}

export interface KnownWrites extends KnownReads {
  /** Inserts, or moves `lastAt` on. */
  note(userId: string, kind: KnownKind, mark: string, at: Date): Promise<void>;

  /** Gives every account that knew the browser `from` the browser `to` as well, at most `most` of them. */
  inherit(from: string, to: string, at: Date, most: number): Promise<void>;

  /** Forgets everything of these kinds that is known of the account. */
  forget(userId: string, kinds: readonly KnownKind[]): Promise<void>;
}

/** Accounts that may share one browser's cookie. */
const accountsPerBrowser = 16;

/**
 * Remembers where a completed sign-in came from, tells the account's address when that is new, and answers the
 * device cookie the browser should hold.
 *
 * A cookie this account does not know yet is replaced, never adopted: otherwise somebody could plant their
 * own in another's browser and share the owner's standing. Accounts that knew the old one know the new one.
 */
export async function noteSignIn(core: Core, tx: Writes, user: User, place: Place): Promise<string> {
  const now = core.clock();
  const { id: userId } = user;
  const isFirst = !(await tx.known.any(userId));
  const address = await tx.known.find(userId, "address", place.address);
  await tx.known.note(userId, "address", place.address, now);

  const presented = place.browser && hashSecret(place.browser);
  if (place.browser && presented && (await tx.known.find(userId, "browser", presented))) {
    await tx.known.note(userId, "browser", presented, now);
    return place.browser;
  }
  const browser = mintSecret(32);
  const mark = hashSecret(browser);
  if (presented) await tx.known.inherit(presented, mark, now, accountsPerBrowser);
  await tx.known.note(userId, "browser", mark, now);
  if (!isFirst && !address && user.email !== null) {
    const device = place.device ?? "an unknown device";
    await write(core, tx, {
      to: user.email,
      notice: { kind: "new_device", device, ip: place.address, at: now },
    });
  }
  return browser;
}
