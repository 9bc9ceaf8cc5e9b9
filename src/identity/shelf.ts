/**
 * Remembered values as bytes in a few large blocks. Thousands of small objects lie strewn over the memory, so that
 * whatever is asked at random waits for it, and every collection walks through all of them.
 *
 * What is got is made anew each time, from one place in memory. A block that is full is followed by the one with least
 * in it as long as half of all room is free, so that changes do not make a small shelf large; then by a new one; and
 * when there may be no more, by the one that was filled first. Whatever is left in a block is dropped before it is
 * filled again.
 */
import * as record from "./shelf-record.ts";

/** How a value is taken apart and put together again: always as many numbers and texts, in one order. */
export interface Codec<Value> {
  /** Whose change makes a value stale; null: nobody's. */
  readonly owner: (value: Value) => string | null;

  readonly numbers: (value: Value) => readonly (Date | number | null)[];
  readonly texts: (value: Value) => readonly (string | null)[];

  /** Reads what it needs of `row` before it returns. */
  readonly make: (row: Row, aside: () => Aside) => Value;
}

/** A value that is being put together. */
export type Row = Pick<
  record.RecordReader,
  "owner" | "number" | "time" | "timeOrNull" | "text" | "textOrNull"
>;

/** Room beside a remembered value for a text that is made of it: good as long as the value stays what it is. */
export interface Aside {
  read(): string | null;
  write(text: string): void;
}

export interface Shelf<Value> {
  get(key: string): Value | undefined;

  /** In the place of what was there. What is too large for a block is not kept. */
  put(key: string, value: Value): void;

  forget(owner: string): void;

  /** Puts what `change` makes of each of an owner's values in its place. */
  amend(owner: string, change: (value: Value) => Value): void;

  clear(): void;
}

const { at, blockWords, wordBits } = record;
const chains = 1 << 16;
/** Texts that are made of values differ a little in length. */
const asideSlack = 16;

/** Keys and owners are hashes and identifiers that nobody chooses, so any spreading will do. */
function spread(text: string): number {
  let sum = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) sum = Math.imul(sum ^ text.charCodeAt(index), 0x01000193);
  return sum | 0;
}

const chainOf = (hash: number): number => (hash ^ (hash >>> 16)) & (chains - 1);

/** `most`: bytes that its blocks may take. */
export function makeShelf<Value>(codec: Codec<Value>, most: number): Shelf<Value> {
  const mostBlocks = Math.max(1, Math.floor(most / record.blockBytes));
  const blocks: record.Block[] = [];
  let filling = 0;
  let byKey: Int32Array | null = null;
  let byOwner: Int32Array | null = null;
  const measure: record.Measure = { numbers: 0, texts: 0 };
  /** Moves whenever a place may have come to stand for something else. */
  let era = 0;
  /** Left beside every new value: what the last aside took. */
  let asideRoom = 0;

  const blockOf = (place: number): record.Block => blocks[place >>> wordBits] as record.Block;
  /** Where the record at a place begins, in integers. */
  const headOf = (place: number): number => (place & (blockWords - 1)) * 2;
  const headed = (place: number, part: number): number => at(blockOf(place).ints, headOf(place) + part);
  const setHead = (place: number, part: number, value: number): void => {
    blockOf(place).ints[headOf(place) + part] = value;
  };

  const row = new record.RecordReader();
  let readingAt = 0;
  const turnTo = (place: number): void => {
    readingAt = place;
    row.turnTo(blockOf(place), headOf(place), measure);
  };
  const aside = (): Aside => new Beside(readingAt);

  class Beside implements Aside {
    private readonly since = era;
    private readonly place: number;

    constructor(place: number) {
      this.place = place;
    }

    read(): string | null {
      if (this.since !== era) return null;
      return record.readAside(blockOf(this.place), headOf(this.place), measure);
    }

    write(text: string): void {
      if (this.since !== era) return;
      if (record.writeAside(blockOf(this.place), headOf(this.place), measure, text)) return;
      // To a place with room for it; it is written there the next time.
      asideRoom = record.asideBytes(text) + asideSlack;
      turnTo(this.place);
      put(row.key, codec.make(row, aside));
    }
  }

  /** Turns the row to it; 0: there is none. */
  function find(key: string): number {
    const hash = spread(key);
    let place = byKey ? at(byKey, chainOf(hash)) : 0;
    while (place !== 0) {
      if (headed(place, record.keyHash) === hash) {
        turnTo(place);
        if (row.isKey(key)) return place;
      }
      place = headed(place, record.nextByKey);
    }
    return 0;
  }

  function put(key: string, value: Value): void {
    const owner = codec.owner(value);
    const texts = [key, owner ?? "", ...codec.texts(value)];
    const packed = record.pack({ numbers: codec.numbers(value), texts });
    Object.assign(measure, { numbers: packed.numbers.length, texts: texts.length });
    const words = packed.words + Math.ceil(asideRoom / 8);
    const former = find(key);
    const fits = former !== 0 && words <= headed(former, record.recordWords) && row.owner === (owner ?? "");
    if (former !== 0 && !fits) drop(former);
    if (words >= blockWords) return;
    const place = fits ? former : takeRoom(words);
    record.write(blockOf(place), headOf(place), packed);
    if (fits) era++;
    else link(place, key, owner);
  }

  function takeRoom(words: number): number {
    const last = blocks[filling];
    if (!last || last.used + words > blockWords) turnPage();
    const block = blocks[filling] as record.Block;
    const place = (filling << wordBits) + block.used;
    block.used += words;
    block.live += words;
    setHead(place, record.recordWords, words);
    return place;
  }

  function turnPage(): void {
    filling = following();
    const block = blocks[filling];
    if (!block) return void blocks.push(record.makeBlock());
    for (let word = 1; word < block.used; ) {
      const place = (filling << wordBits) + word;
      word += headed(place, record.recordWords);
      if (headed(place, record.state) & record.live) drop(place);
    }
    block.used = 1;
    era++;
  }

  /** The block to fill next; one behind the last is to be made. */
  function following(): number {
    const live = blocks.reduce((sum, block) => sum + block.live, 0);
    if (blocks.length > 0 && live * 2 <= blocks.length * blockWords) {
      const least = Math.min(...blocks.map((block) => block.live));
      return blocks.findIndex((block) => block.live === least);
    }
    return blocks.length < mostBlocks ? blocks.length : (filling + 1) % mostBlocks;
  }

  function link(place: number, key: string, owner: string | null): void {
    byKey ??= new Int32Array(chains);
    byOwner ??= new Int32Array(chains);
    const hash = spread(key);
    setHead(place, record.keyHash, hash);
    setHead(place, record.nextByKey, at(byKey, chainOf(hash)));
    byKey[chainOf(hash)] = place;
    const own = owner === null ? 0 : spread(owner);
    const next = owner === null ? 0 : at(byOwner, chainOf(own));
    setHead(place, record.ownerHash, own);
    setHead(place, record.nextByOwner, next);
    setHead(place, record.formerByOwner, 0);
    if (owner === null) return;
    if (next !== 0) setHead(next, record.formerByOwner, place);
    byOwner[chainOf(own)] = place;
  }

  function drop(place: number): void {
    if (!byKey || !byOwner) return;
    const chain = chainOf(headed(place, record.keyHash));
    const next = headed(place, record.nextByKey);
    if (at(byKey, chain) === place) byKey[chain] = next;
    else {
      let before = at(byKey, chain);
      while (headed(before, record.nextByKey) !== place) before = headed(before, record.nextByKey);
      setHead(before, record.nextByKey, next);
    }
    const own = chainOf(headed(place, record.ownerHash));
    const [former, later] = [headed(place, record.formerByOwner), headed(place, record.nextByOwner)];
    if (former !== 0) setHead(former, record.nextByOwner, later);
    else if (at(byOwner, own) === place) byOwner[own] = later;
    if (later !== 0) setHead(later, record.formerByOwner, former);
    setHead(place, record.state, 0);
    blockOf(place).live -= headed(place, record.recordWords);
    era++;
  }

  /** The places of what is an owner's. */
  function held(owner: string): number[] {
    const hash = spread(owner);
    const places: number[] = [];
    let place = byOwner ? at(byOwner, chainOf(hash)) : 0;
    for (; place !== 0; place = headed(place, record.nextByOwner)) {
      if (headed(place, record.ownerHash) !== hash) continue;
      turnTo(place);
      if (row.owner === owner) places.push(place);
    }
    return places;
  }

  return {
    get: (key) => (find(key) === 0 ? undefined : codec.make(row, aside)),

    put,

    forget(owner) {
      for (const place of held(owner)) drop(place);
    },

    amend(owner, change) {
      const values = held(owner).map((place) => {
        turnTo(place);
        return { key: row.key, value: codec.make(row, aside) };
      });
      for (const { key, value } of values) {
        const changed = change(value);
        if (changed !== value) put(key, changed);
      }
    },

    clear() {
      byKey?.fill(0);
      byOwner?.fill(0);
      for (const block of blocks) Object.assign(block, { used: 1, live: 0 });
      filling = 0;
      era++;
    },
  };
}
