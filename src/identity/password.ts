/** Passwords: what makes one good enough (NIST SP 800-63B-4 §3.1.1.2), and checking one. */
import type { Core } from "./core.ts";
import { Refusal } from "./refusal.ts";

/** In code points. */
export const longestPassword = 255;

export interface PasswordOwner {
  readonly username: string;
  readonly email: string | null;
}

/**
 * Hashes a new password, after the rules: `min` to 255 code points, not a common one, not the owner's own
 * name or address. Case and composition are the owner's affair. `field` is what the request calls it.
 *
 * Refuses: `WEAK_PASSWORD`, `INVALID_REQUEST`, `BUSY`.
 */
export async function hashNewPassword(
  core: Core,
  { password, owner, min, field }: { password: string; owner: PasswordOwner; min: number; field: string },
): Promise<string> {
  const normal = password.normalize("NFKC");
  const length = [...normal].length;
  if (length > longestPassword) throw tooLong(field);
  const wrong = await weakness(normal, length, owner, min);
  if (wrong)
    throw new Refusal("WEAK_PASSWORD", { message: wrong, details: [{ path: field, message: wrong }] });
  return core.hasher.hash(normal);
}

/**
 * Whether `password` is the one behind `phc`. Without a `phc` (nobody by that name, or no password set) it
 * costs the same and is false. Refuses: `INVALID_REQUEST` over 255 code points, `BUSY`.
 */
export async function verifyPassword(
  core: Core,
  { password, phc, field }: { password: string; phc: string | null; field: string },
): Promise<boolean> {
  if ([...password].length > longestPassword) throw tooLong(field);
  const matches = await core.hasher.verify(password.normalize("NFKC"), phc ?? (await decoy(core)));
  return matches && phc !== null;
}

/** The new hash of a password that was just verified, if the house hashes otherwise by now; null when all is well or busy. */
export async function rehash(core: Core, password: string, phc: string): Promise<string | null> {
  if (!core.hasher.outdated(phc)) return null;
  return core.hasher.hash(password.normalize("NFKC")).catch(() => null);
}

async function weakness(
  password: string,
  length: number,
  owner: PasswordOwner,
  min: number,
): Promise<string | null> {
  if (!password.isWellFormed()) return "This password contains half a character. Type it again.";
  if (length < min) return `Use at least ${min} characters.`;
  const folded = password.toLowerCase();
  const own = [owner.username, owner.email, owner.email?.split("@")[0], "housekey"];
  if (own.some((word) => word?.normalize("NFKC").toLowerCase() === folded))
    return "Do not use your own name or address as the password.";
  const { isCommon } = await import("./common-password.ts");
  if (isCommon(folded)) return "This is one of the most used passwords. Choose another.";
  return null;
}

const tooLong = (field: string): Refusal =>
  new Refusal("INVALID_REQUEST", {
    details: [{ path: field, message: `Use at most ${longestPassword} characters.` }],
  });

const decoys = new WeakMap<Core, Promise<string>>();

/** Made on first need, so that a command that checks no password hashes none; under today's parameters. */
function decoy(core: Core): Promise<string> {
  const known = decoys.get(core);
  if (known !== undefined) return known;
  const made = core.hasher.hash("correct horse battery staple");
  decoys.set(core, made);
  // A queue that was full is no reason to be without a decoy for ever.
  made.catch(() => decoys.delete(core));
  return made;
}
