/**
 * How a remembered value lies in memory: its head, its numbers, where each of its texts ends, the texts (its key and
 * its owner, then its own), and room for an aside.
 */

/** Views of the same bytes. */
export interface Block {
  readonly bytes: Buffer;
  readonly ints: Int32Array;
  readonly floats: Float64Array;

  /** In words of eight bytes. */
  used: number;

  /** The words of what is not dropped yet. */
  live: number;
}

export const wordBits = 15;
export const blockWords = 1 << wordBits;
export const blockBytes = blockWords * 8;

/** The first word is nobody's, so that no place is 0. */
export function makeBlock(): Block {
  const buffer = new ArrayBuffer(blockBytes);
  const [ints, floats] = [new Int32Array(buffer), new Float64Array(buffer)];
  return { bytes: Buffer.from(buffer), ints, floats, used: 1, live: 0 };
}

/** The integers of a head by their places. A link that is 0 leads nowhere. */
export const nextByKey = 0;
export const nextByOwner = 1;
export const formerByOwner = 2;
export const keyHash = 3;
export const ownerHash = 4;
export const recordWords = 5;
export const state = 6;
const textLength = 7;
/** One more than its length; 0: there is none. */
const asideLength = 8;
const headWords = 5;

export const live = 1;
/** Two bytes a character. */
const wideTexts = 2;
const wideAside = 4;

/** What all values of a shelf have in common. */
export interface Measure {
  numbers: number;
  texts: number;
}

export const at = (ints: Int32Array, index: number): number => ints[index] as number;

const endsAt = (head: number, { numbers }: Measure): number => head + (headWords + numbers) * 2;
const textAt = (head: number, measure: Measure): number => (endsAt(head, measure) + measure.texts) * 4;

function asideAt(ints: Int32Array, head: number, measure: Measure): number {
  const bytes = at(ints, head + textLength) * (at(ints, head + state) & wideTexts ? 2 : 1);
  return (textAt(head, measure) + bytes + 7) & ~7;
}

const textIn = (bytes: Buffer, from: number, length: number, isWide: boolean): string =>
  isWide ? bytes.toString("utf16le", from, from + length * 2) : bytes.toString("latin1", from, from + length);

const writeText = (bytes: Buffer, from: number, text: string, isWide: boolean): void =>
  void bytes.write(text, from, isWide ? "utf16le" : "latin1");

const needsWide = (text: string): boolean => /[^\0-\xff]/.test(text);

/** A value taken apart. */
interface Parts {
  readonly numbers: readonly (Date | number | null)[];
  readonly texts: readonly (string | null)[];
}

interface Packed extends Parts {
  /** Its texts, one behind the other. */
  readonly all: string;

  readonly isWide: boolean;

  /** What it takes, without an aside. */
  readonly words: number;
}

export function pack({ numbers, texts }: Parts): Packed {
  const all = texts.join("");
  const isWide = needsWide(all);
  const bytes = texts.length * 4 + all.length * (isWide ? 2 : 1);
  return { numbers, texts, all, isWide, words: headWords + numbers.length + Math.ceil(bytes / 8) + 1 };
}

/** Everything but the links, the hashes and the size. */
export function write({ ints, floats, bytes }: Block, head: number, packed: Packed): void {
  const { numbers, texts, all, isWide } = packed;
  const measure = { numbers: numbers.length, texts: texts.length };
  ints[head + state] = live | (isWide ? wideTexts : 0);
  ints[head + textLength] = all.length;
  ints[head + asideLength] = 0;
  numbers.forEach((number, index) => {
    floats[head / 2 + headWords + index] = number === null ? Number.NaN : Number(number);
  });
  let end = 0;
  texts.forEach((text, index) => {
    end += text?.length ?? 0;
    // Said the other way round where there is none.
    ints[endsAt(head, measure) + index] = text === null ? ~end : end;
  });
  writeText(bytes, textAt(head, measure), all, isWide);
}

export function readAside({ ints, bytes }: Block, head: number, measure: Measure): string | null {
  const length = at(ints, head + asideLength) - 1;
  if (length < 0) return null;
  return textIn(bytes, asideAt(ints, head, measure), length, (at(ints, head + state) & wideAside) !== 0);
}

export const asideBytes = (text: string): number => text.length * (needsWide(text) ? 2 : 1);

/** False: there is no room for it. */
export function writeAside({ ints, bytes }: Block, head: number, measure: Measure, text: string): boolean {
  const start = asideAt(ints, head, measure);
  if (start + asideBytes(text) > (head + at(ints, head + recordWords) * 2) * 4) return false;
  const isWide = needsWide(text);
  writeText(bytes, start, text, isWide);
  ints[head + asideLength] = text.length + 1;
  ints[head + state] = (at(ints, head + state) & ~wideAside) | (isWide ? wideAside : 0);
  return true;
}

/** A record that is being read. */
export class RecordReader {
  private block: Block = {
    bytes: Buffer.of(),
    ints: Int32Array.of(),
    floats: Float64Array.of(),
    used: 0,
    live: 0,
  };
  private firstNumber = 0;
  private ends = 0;
  private all = "";

  turnTo(block: Block, head: number, measure: Measure): void {
    const { ints } = block;
    this.block = block;
    this.firstNumber = head / 2 + headWords;
    this.ends = endsAt(head, measure);
    const isWide = (at(ints, head + state) & wideTexts) !== 0;
    this.all = textIn(block.bytes, textAt(head, measure), at(ints, head + textLength), isWide);
  }

  private end(index: number): number {
    return at(this.block.ints, this.ends + index);
  }

  isKey(key: string): boolean {
    return this.end(0) === key.length && this.all.startsWith(key);
  }

  get key(): string {
    return this.all.slice(0, this.end(0));
  }

  get owner(): string {
    return this.all.slice(this.end(0), this.end(1));
  }

  number(index: number): number {
    return this.block.floats[this.firstNumber + index] as number;
  }

  time(index: number): Date {
    return new Date(this.number(index));
  }

  timeOrNull(index: number): Date | null {
    const time = this.number(index);
    return Number.isNaN(time) ? null : new Date(time);
  }

  text(index: number): string {
    return this.textOrNull(index) ?? "";
  }

  textOrNull(index: number): string | null {
    const [from, to] = [this.end(index + 1), this.end(index + 2)];
    return to < 0 ? null : this.all.slice(from < 0 ? ~from : from, to);
  }
}
