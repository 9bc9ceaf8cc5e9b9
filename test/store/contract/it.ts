import type { Store } from "../../../src/identity/store.ts";

/** Gives a new, empty store; `close` lets go of it and of its files. */
export type Open = () => Promise<{ readonly store: Store; readonly close: () => Promise<void> }>;

/** A test that has a new store to itself. */
export type It = (sentence: string, run: (store: Store) => Promise<void>) => void;
