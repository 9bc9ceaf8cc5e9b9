/** Bytes that come in pieces, taken in the lengths in which they mean something. */
import { damaged } from "./bad.ts";

export type Bytes = AsyncIterable<Uint8Array>;

export interface Reader {
  /** The next `size` bytes. Throws `BadArchive` when there are fewer. */
  take(size: number): Promise<Buffer>;

  /** The next `size` bytes, piece by piece. Throws `BadArchive` when there are fewer. */
  pieces(size: number): AsyncGenerator<Uint8Array>;

  /** Everything that is left, piece by piece. */
  rest(): AsyncGenerator<Uint8Array>;

  /** Wants no more of it. */
  close(): Promise<void>;
}

export function makeReader(source: Bytes): Reader {
  const incoming = source[Symbol.asyncIterator]();
  let kept: Uint8Array = new Uint8Array(0);

  /** The next piece, at most `most` bytes of it; null at the end. */
  async function next(most: number): Promise<Uint8Array | null> {
    while (kept.length === 0) {
      const { done, value } = await incoming.next();
      if (done) return null;
      kept = value;
    }
    const piece = kept.subarray(0, most);
    kept = kept.subarray(most);
    return piece;
  }

  async function* pieces(size: number): AsyncGenerator<Uint8Array> {
    for (let left = size; left > 0; ) {
      const piece = await next(left);
      if (piece === null) throw damaged();
      left -= piece.length;
      yield piece;
    }
  }

  return {
    pieces,

    async take(size) {
      const all: Uint8Array[] = [];
      for await (const piece of pieces(size)) all.push(piece);
      return Buffer.concat(all);
    },

    async *rest() {
      for (;;) {
        const piece = await next(Number.MAX_SAFE_INTEGER);
        if (piece === null) return;
        yield piece;
      }
    },

    async close() {
      await incoming.return?.();
    },
  };
}

/** The same bytes as the web writes streams, each piece made when somebody asks for it. */
export function toStream(source: Bytes): ReadableStream<Uint8Array> {
  const incoming = source[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await incoming.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await incoming.return?.();
    },
  });
}
