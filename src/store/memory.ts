/**
 * What reads remember between two changes.
 *
 * Right only because every change empties it: this process's own commits name the account they touched,
 * and `moved` tells that some other process committed, whatever it was.
 */
import type { Shelf } from "../identity/shelf.ts";

/** What a write touched, said while it runs and acted on at its commit. */
export interface Changes {
  /** The account itself, any of its sessions or any of its API keys. */
  account(userId: string): void;

  /** Of a session of that account nothing but when it was last used. */
  sighted(userId: string, sessionId: string, at: Date): void;

  everyAccount(): void;
  settings(): void;
  signingKeys(): void;
}

/** For tables whose reads nobody remembers. */
export const unremembered: Changes = {
  account() {},
  sighted() {},
  everyAccount() {},
  settings() {},
  signingKeys() {},
};

export interface Memory<Value extends object> {
  /** The remembered value, at once; or what `load` finds, which is remembered unless something changed meanwhile. */
  recall(key: string, load: () => Promise<Value | null>): Promise<Value | null> | Value;

  forget(owner: string): void;

  /** Puts what `change` makes of each of an owner's values in its place. */
  amend(owner: string, change: (value: Value) => Value): void;

  clear(): void;
}

interface Options<Value> {
  /** Where what is remembered is kept. */
  readonly shelf: Shelf<Value>;

  /** Whether another process committed since the last time it was asked. */
  readonly moved: () => boolean;

  /** Counts what was remembered, and what was not. */
  readonly recalled?: { hits: number; misses: number };
}

export function makeMemory<Value extends object>({
  shelf,
  moved,
  recalled = { hits: 0, misses: 0 },
}: Options<Value>): Memory<Value> {
  /** Moves with every change, so that a read begun before one is not remembered after it. */
  let epoch = 0;

  function clear(): void {
    epoch++;
    shelf.clear();
  }

  async function fill(key: string, load: () => Promise<Value | null>): Promise<Value | null> {
    const before = epoch;
    const value = await load();
    if (value && epoch === before) shelf.put(key, value);
    return value;
  }

  return {
    recall(key, load) {
      if (moved()) clear();
      const value = shelf.get(key);
      if (value === undefined) {
        recalled.misses++;
        return fill(key, load);
      }
      recalled.hits++;
      return value;
    },

    forget(owner) {
      epoch++;
      shelf.forget(owner);
    },

    amend(owner, change) {
      epoch++;
      shelf.amend(owner, change);
    },

    clear,
  };
}

/** For what there is one of: the same object until it is cleared. */
export function makePlace<Value extends object>(): Shelf<Value> {
  let kept: Value | undefined;
  const clear = () => {
    kept = undefined;
  };
  return {
    get: () => kept,
    put(_, value) {
      kept = value;
    },
    forget: clear,
    amend(_, change) {
      kept = kept && change(kept);
    },
    clear,
  };
}
