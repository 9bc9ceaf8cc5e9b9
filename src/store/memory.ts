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

  everyAccount(): void;
  settings(): void;
  signingKeys(): void;
}

/** For tables whose reads nobody remembers. */
export const unremembered: Changes = { account() {}, everyAccount() {}, settings() {}, signingKeys() {} };

export interface Memory<Value extends object> {
  /** The remembered value, at once; or what `load` finds, which is remembered unless something changed meanwhile. */
  recall(key: string, load: () => Promise<Value | null>): Promise<Value | null> | Value;

  forget(owner: string): void;
  clear(): void;
}

interface Options<Value> {
  /** Whether another process committed since the last time it was asked. */
  readonly moved: () => boolean;

  /** Whose change makes a value stale. */
  readonly owner: (value: Value) => string;

  /** Values kept; the oldest goes first. */
  readonly most: number;

  /** Counts what was remembered, and what was not. */
  readonly recalled?: { hits: number; misses: number };
}

export function makeMemory<Value extends object>({
  moved,
  owner,
  most,
  recalled = { hits: 0, misses: 0 },
}: Options<Value>): Memory<Value> {
  const values = new Map<string, Value>();
  const keys = new Map<string, Set<string>>();
  /** Moves with every change, so that a read begun before one is not remembered after it. */
  let epoch = 0;

  function clear(): void {
    epoch++;
    values.clear();
    keys.clear();
  }

  function drop(key: string, value: Value): void {
    values.delete(key);
    const held = keys.get(owner(value));
    held?.delete(key);
    if (held?.size === 0) keys.delete(owner(value));
  }

  function keep(key: string, value: Value): void {
    for (const [oldest, stale] of values) {
      if (values.size < most) break;
      drop(oldest, stale);
    }
    values.set(key, value);
    const held = keys.get(owner(value));
    if (held) held.add(key);
    else keys.set(owner(value), new Set([key]));
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
      for (const key of keys.get(name) ?? []) values.delete(key);
      keys.delete(name);
    },

    clear,
  };
}
