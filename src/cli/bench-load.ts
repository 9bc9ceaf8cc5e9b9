/**
 * A load generator inside the process: sockets that are kept open, each asking again once it is answered. It works on
 * the same cores as the server, so it does as little as it can: requests are written out beforehand, and of an answer
 * it reads the status and the length.
 */
export interface Loaded {
  /** Answers that are a success. */
  readonly right: number;

  /** Other answers. */
  readonly wrong: number;

  readonly seconds: number;

  /** Milliseconds, one an answer, in no order. */
  readonly took: readonly number[];
}

interface Load {
  /** Where the server listens, over plain http. */
  readonly url: string;

  /** Sockets, each with one request under way. */
  readonly connections: number;

  /** The next request as it goes over the wire; null: this was the last. */
  readonly next: () => Uint8Array | null;
}

/** Asks until `next` has nothing more, and every answer is there. Throws when a socket breaks. */
export async function load({ url, connections, next }: Load): Promise<Loaded> {
  const { hostname, port } = new URL(url);
  const began = performance.now();
  const took: number[] = [];
  let [right, wrong] = [0, 0];

  async function connection(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const broken = () => reject(new Error(`the connection to ${url} broke`));
    let [text, sent] = ["", 0];

    function ask(socket: Bun.Socket): void {
      const request = next();
      if (request === null) {
        resolve();
        socket.end();
        return;
      }
      sent = performance.now();
      socket.write(request);
    }

    await Bun.connect({
      hostname,
      port: Number(port),
      socket: {
        open: ask,
        data(socket, bytes) {
          text += bytes.toString("latin1");
          const status = statusOf(text);
          if (status === null) return;
          took.push(performance.now() - sent);
          if (status >= 200 && status < 300) right++;
          else wrong++;
          text = "";
          ask(socket);
        },
        close: broken,
        error: broken,
        connectError: broken,
      },
    });
    await promise;
  }

  await Promise.all(Array.from({ length: connections }, connection));
  return { right, wrong, seconds: (performance.now() - began) / 1000, took };
}

/** The status of an answer that is there to its last byte; null while some of it is missing. */
function statusOf(text: string): number | null {
  const head = text.indexOf("\r\n\r\n");
  if (head < 0) return null;
  const [, length = "0"] = /\r\ncontent-length: *(\d+)/i.exec(text) ?? [];
  return text.length < head + 4 + Number(length) ? null : Number(text.slice(9, 12));
}

interface Written {
  readonly method?: "GET" | "POST";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A request as it goes over the wire. */
export function written({ method = "GET", path, headers = {}, body }: Written): Uint8Array {
  const lines = Object.entries({
    host: "localhost",
    ...headers,
    ...(body !== undefined && { "content-type": "application/json", "content-length": String(body.length) }),
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body ?? ""}`, "latin1");
}

/** Requests out of `all` at random, for so many milliseconds from the first of them. */
export function during(milliseconds: number, all: readonly Uint8Array[]): () => Uint8Array | null {
  let until = 0;
  return () => {
    const now = performance.now();
    until ||= now + milliseconds;
    return now < until ? (all[Math.floor(Math.random() * all.length)] ?? null) : null;
  };
}

/** Each of `all` once, in their order. */
export function each(all: readonly Uint8Array[]): () => Uint8Array | null {
  let at = 0;
  return () => all[at++] ?? null;
}
