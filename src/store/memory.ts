/**
 * What reads remember between two changes.
 *
 * Right only because every change empties it: this process's own commits name the account they touched,
 * and `moved` tells that some other process committed, whatever it was.
 */

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
  /** Whether another process committed since the last time it was asked. */
  readonly moved: () => boolean;

  /** Whose change makes a value stale. */
  readonly owner: (value: Value) => string;

  /** What all that is kept may weigh together; the oldest goes first. */
  readonly most: number;

  /** Of one value, never less than nothing; without it each is 1. */
  readonly weigh?: (value: Value) => number;

  /** Counts what was remembered, and what was not. */
  readonly recalled?: { hits: number; misses: number };
}

export function makeMemory<Value extends object>({
  moved,
  owner,
  most,
  weigh = () => 1,
  recalled = { hits: 0, misses: 0 },
}: Options<Value>): Memory<Value> {
  const values = new Map<string, Value>();
  /** By owner. Most have one value, and a set for each would cost more than some values do. */
  const keys = new Map<string, string | Set<string>>();
  let weight = 0;
  /** Moves with every change, so that a read begun before one is not remembered after it. */
  let epoch = 0;

  function clear(): void {
    epoch++;
    values.clear();
    keys.clear();
    weight = 0;
  }

  const held = (name: string): Iterable<string> => {
    const own = keys.get(name) ?? [];
    return typeof own === "string" ? [own] : own;
  };

  function drop(key: string, value: Value): void {
    if (values.delete(key)) weight -= weigh(value);
    const name = owner(value);
    const own = keys.get(name);
    if (own instanceof Set && own.size > 1) own.delete(key);
    else keys.delete(name);
  }

  function keep(key: string, value: Value): void {
    const added = weigh(value);
    for (const [oldest, stale] of values) {
      if (weight + added <= most) break;
      drop(oldest, stale);
    }
    values.set(key, value);
    weight += added;
    const name = owner(value);
    const own = keys.get(name);
    if (own instanceof Set) own.add(key);
    else keys.set(name, own === undefined ? key : new Set([own, key]));
  }

  async function fill(key: string, load: () => Promise<Value | null>): Promise<Value | null> {
    const before = epoch;
    const value = await load();
    if (value && epoch === before && !values.has(key)) keep(key, value);
    return value;
  }

  return {
    recall(key, load) {
      if (moved()) clear();
      const value = values.get(key);
      if (value === undefined) {
        recalled.misses++;
        return fill(key, load);
      }
      recalled.hits++;
      return value;
    },

    forget(name) {
      epoch++;
      for (const key of [...held(name)]) {
        const value = values.get(key);
        if (value) drop(key, value);
      }
    },

    amend(name, change) {
      epoch++;
      for (const key of held(name)) {
        const value = values.get(key);
        if (value) values.set(key, change(value));
      }
    },

    clear,
  };
}
