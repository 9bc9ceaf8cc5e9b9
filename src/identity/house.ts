/** The house itself: which master key it belongs to, and whether it can still write. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { Core } from "./core.ts";
import type { Keyring } from "./keyring.ts";

export interface HouseReads {
  /** What `adoptMasterKey` left; null in a new database. */
  keyCheck(): Promise<string | null>;

  /** Where the house last listened, for commands that print links; null before it ever did. */
  listening(): Promise<string | null>;
}

export interface HouseWrites extends HouseReads {
  setKeyCheck(check: string): Promise<void>;

  setListening(url: string): Promise<void>;

  /** Writes a row for the sake of writing. */
  beat(at: Date): Promise<void>;
}

/** Ties a new database to the master key at its first start; afterwards answers whether this is that key. */
export async function adoptMasterKey(core: Core): Promise<boolean> {
  const known = await core.store.read.house.keyCheck();
  if (known !== null) return isKeyOf(core.keys, known);
  await core.store.write((tx) => tx.house.setKeyCheck(checkOf(core.keys)));
  return true;
}

/** Whether `check`, which `adoptMasterKey` left, was made with the master key behind `keys`. */
export const isKeyOf = (keys: Keyring, check: string): boolean => sameText(check, checkOf(keys));

const checkOf = (keys: Keyring): string => keys.mac("check", "this key belongs to this house");

/** Tells houses apart by what `adoptMasterKey` left in them: eight digits that say nothing else. */
export const houseName = (check: string): string =>
  createHash("sha256").update(check).digest("hex").slice(0, 8);

/** Writes, so that a full disk or a stuck lock is known before somebody's sign-in finds it. Refuses: `STORE_UNAVAILABLE`. */
export function proveWritable(core: Core): Promise<void> {
  return core.store.write((tx) => tx.house.beat(core.clock()));
}

const sameText = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

/** Leaves word of where the house listens. */
export function announce(core: Core, url: string): Promise<void> {
  return core.store.write((tx) => tx.house.setListening(url));
}
